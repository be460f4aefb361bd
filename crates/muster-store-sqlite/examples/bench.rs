#![allow(clippy::all, clippy::pedantic, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::disallowed_methods, unused)]
use std::sync::Arc; use std::time::Instant;
use muster_model::*; use muster_model::fake::*; use muster_store::*; use muster_store::batch::*; use muster_store::keys::*;
use muster_store_sqlite::*; use scim::schema::*; use serde_json::*; use uuid::Uuid;
fn id(n:u64)->ResourceId{ResourceId::from_uuid(Uuid::from_u128(n as u128))}
fn content(n:u64)->NewDocument{ let v=json!({"userName":format!("user{n}@example.com"),"externalId":format!("ext{n}"),"displayName":format!("User {}",n%1000),"name":{"givenName":"Given","familyName":format!("Family{n}")},"active":true,"emails":[{"value":format!("user{n}@example.com"),"type":"work","primary":true}],"title":"x".repeat(500)});
 let serde_json::Value::Object(document)=v else{panic!()}; let keys=keys_of(&user_resource_schema(),&document,&scim::Leniency::TOLERANT); NewDocument{label:label_of(&document),keys,document}}
fn rss()->String{std::fs::read_to_string("/proc/self/status").unwrap().lines().find(|l|l.starts_with("VmRSS")).unwrap().to_owned()}
fn create(n:u64,t:&str)->Write{Write::Create{id:id(n),resource_type:TypeName::new(t),owner:None,content:content(n),members:None}}
#[tokio::main(worker_threads=2)]
async fn main(){
 let dir=tempfile::tempdir_in(std::env::args().nth(1).unwrap_or("/tmp".into())).unwrap();
 let total:u64=std::env::args().nth(2).unwrap_or("100000".into()).parse().unwrap();
 let store=SqliteStore::open(&dir.path().join("m.db"),&SqliteOptions::for_server()).unwrap();
 println!("open {}",rss());
 let (clock,rng)=(FakeClock::new(),SeededRng::new(7));
 let t=Tenant{id:TenantId::new(&clock,&rng),name:"default".into(),created:clock.now()}; store.create_tenant(&t).await.unwrap();
 let at=clock.now();
 let d=store.directory(t.id);
 // singles c=64
 for c in [1u64,16,64]{ let s=Instant::now(); let n=4000u64/ if c==1 {8} else {1}; let mut js=tokio::task::JoinSet::new();
  let base=10_000_000*c; for w in 0..c { let d=d.clone(); js.spawn(async move{ let mut i=w; while i<n { d.commit(Batch{writes:vec![create(base+i,"User")],connection:None,at}).await.unwrap(); i+=c; } }); }
  while let Some(r)=js.join_next().await{r.unwrap();} println!("create c={c}: {:.0}/s", n as f64/s.elapsed().as_secs_f64()); }
 let s=Instant::now();
 let mut n=1; while n<=total { let writes=(n..(n+1000).min(total+1)).map(|n|create(n,"User")).collect(); d.commit(Batch{writes,connection:None,at}).await.unwrap(); n+=1000; }
 println!("bulk {total}: {:?} {}",s.elapsed(),rss());
 for c in [1u64,16,64]{ let s=Instant::now(); let n=20000u64; let mut js=tokio::task::JoinSet::new();
  for w in 0..c { let d=d.clone(); js.spawn(async move{ let mut i=w; while i<n { d.find_resource(&TypeName::new("User"), id(1+(i*7919)%total), Include::default()).await.unwrap().unwrap(); i+=c; } }); }
  while let Some(r)=js.join_next().await{r.unwrap();} println!("find c={c}: {:.0}/s", n as f64/s.elapsed().as_secs_f64()); }
 let q=|f:Option<&str>,offset,limit|{let schema=user_resource_schema(); let l=scim::Leniency::TOLERANT; ResourceQuery{filter:f.map(|f|scim::filter::Filter::parse(f,&l).unwrap().compile(&schema,&l).unwrap()),schema,offset,limit,include:Include::default()}};
 for (f,o,l) in [(Some("userName eq \"user77@example.com\""),0,100),(Some("displayName eq \"User 7\""),0,100),(Some("emails[type eq \"work\" and value eq \"user7@example.com\"]"),0,100),(Some("userName sw \"user7\""),0,100),(None,0,100),(None,total-100,100),(None,0,1000),(Some("meta.lastModified gt \"2030-01-01T00:00:00Z\""),0,100),(Some("userName ne \"a\""),0,100),(Some("active eq true"),0,100)] {
   let s=Instant::now(); let p=d.list_resources(&q(f,o,l)).await.unwrap(); let e1=s.elapsed(); let s=Instant::now(); let p=d.list_resources(&q(f,o,l)).await.unwrap(); println!("{f:?} {o} {l}: {:?} then {:?} total {} {}",e1,s.elapsed(),p.total,rss()); }
 // groups
 d.commit(Batch{writes:vec![create(900_000_001,"Group"),create(900_000_002,"Group")],connection:None,at}).await.unwrap();
 let j=|g:u64,m:Vec<u64>|Write::Update{id:id(g),resource_type:TypeName::new("Group"),expected:None,content:None,members:Some(MembershipDelta{change:MembershipChange::Adjust{leave:vec![],join:m.into_iter().map(|m|MemberReference::Id(id(m))).collect()},unknown:UnknownMembers::Refuse})};
 let s=Instant::now(); let mut n=1; while n+1000<=total { d.commit(Batch{writes:vec![j(900_000_002,(n..n+1000).collect())],connection:None,at}).await.unwrap(); n+=1000;} println!("{} members joined {:?} {}",n-1,s.elapsed(),rss());
 d.commit(Batch{writes:vec![j(900_000_001,(1..11).collect())],connection:None,at}).await.unwrap();
 let (mut a,mut b)=(vec![],vec![]);
 for i in 0..200u64 { for (g,v) in [(900_000_001u64,&mut a),(900_000_002,&mut b)] { let s=Instant::now(); d.commit(Batch{writes:vec![j(g,vec![640_000_000+i])],connection:None,at}).await.unwrap(); v.push(s.elapsed()); } }
 a.sort();b.sort(); println!("add one: small {:?} large {:?} p95 {:?} {:?}",a[100],b[100],a[190],b[190]);
 let s=Instant::now(); let g=d.find_resource(&TypeName::new("Group"),id(900_000_002),Include{members:true,groups:false}).await.unwrap().unwrap(); println!("read group of {}: {:?} {}",g.members.unwrap().len(),s.elapsed(),rss());
 let s=Instant::now(); d.commit(Batch{writes:vec![Write::Delete{id:id(900_000_002),resource_type:TypeName::new("Group"),expected:None}],connection:None,at}).await.unwrap(); println!("delete group {:?}",s.elapsed());
 println!("{:?}",store.write_statistics());
 let s=Instant::now(); println!("inspect {:?} {:?}",store.inspect().await.unwrap(),s.elapsed());
 let s=Instant::now(); store.close().await; println!("close {:?} size {}",s.elapsed(),std::fs::metadata(dir.path().join("m.db")).unwrap().len());
 let s=Instant::now(); let st=SqliteStore::open(&dir.path().join("m.db"),&SqliteOptions::for_command()).unwrap(); println!("open for command {:?}",s.elapsed()); st.close().await; println!("and close {:?}",s.elapsed());
}
