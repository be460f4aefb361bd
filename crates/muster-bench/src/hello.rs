//! A server with nothing behind it, on the same runtime and the same HTTP library as Muster.

use std::error::Error;

use axum::Router;
use axum::routing::get;
use axum::serve::ListenerExt;

pub(crate) fn serve() -> Result<(), Box<dyn Error>> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("Muster is ready at http://{}", listener.local_addr()?);
        // Without it the last segment of an answer may wait, which Muster does not let it do either.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let router = Router::new().route("/hello", get(async || "hello"));
        axum::serve(listener, router).await?;
        Ok(())
    })
}
