//! Older files become newer ones, with all that is in them.

use hpcs_store::{EventFilter, EventQuery, LogOptions, Store, Version};
use rusqlite::Connection;

use crate::fixture::instance;
use crate::{Setup, database, findings, open, value, version, whole_log, write_with_event};

#[tokio::test]
async fn a_file_of_version_1_is_upgraded_with_all_that_is_in_it() {
    let directory = tempfile::tempdir().unwrap();
    let connection = Connection::open(database(directory.path())).unwrap();
    connection.execute_batch(include_str!("version_1.sql")).unwrap();
    drop(connection);

    let chained = LogOptions { chained: true, ..LogOptions::default() };
    let store = Setup { log: chained, ..Setup::default() }.open(directory.path()).unwrap();
    assert_eq!(findings(&store), []);
    assert_eq!((value(&store, "a").await, version(&store, "a").await), (Some(41), Version(3)));
    assert_eq!(value(&store, "b").await, Some(7));
    let events = whole_log(&store, instance('7')).await;
    assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [3, 4, 5]);
    assert_eq!(events[1].line, r#"{"action":"hs-crypto.tke-cryptounit-admin.add","of":4}"#);
    let filter = EventFilter { actions: vec!["hs-crypto.tke-cryptounit.*".into()], ..EventFilter::default() };
    let query = EventQuery { filter, ..EventQuery::all(instance('7'), 1, 10) };
    assert_eq!(store.events(&query).await.unwrap().events.len(), 2, "the index has what was there before it");

    let committed = store.commit(write_with_event("a", Version(3), 42, instance('7'))).await.unwrap();
    assert_eq!(committed.event.unwrap().sequence, 6);
    assert_eq!(version(&store, "a").await, Version(6), "versions go on after the highest that was given out");
    assert_eq!(findings(&store), []);
    store.close().await.unwrap();

    let connection = Connection::open(database(directory.path())).unwrap();
    let number = |pragma| connection.query_row(pragma, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((number("PRAGMA user_version"), number("PRAGMA application_id")), (2, 0x4850_4353));
}

#[tokio::test]
async fn an_upgraded_file_and_a_new_one_have_the_same_schema() {
    let schema = |connection: Connection| -> Vec<String> {
        let mut select =
            connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name").unwrap();
        let rows = select.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(|sql| sql.unwrap().split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    Connection::open(database(old.path())).unwrap().execute_batch(include_str!("version_1.sql")).unwrap();
    for directory in [&old, &new] {
        open(directory.path()).close().await.unwrap();
    }
    let connect = |directory: &tempfile::TempDir| Connection::open(database(directory.path())).unwrap();
    assert_eq!(schema(connect(&old)), schema(connect(&new)));
}
