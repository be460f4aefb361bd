use std::sync::Arc;

use muster_store::Store;

fn in_a_temporary_folder() -> (Arc<dyn Store>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (crate::open(folder.path()), folder)
}

muster_store::law_suite!(in_a_temporary_folder());
