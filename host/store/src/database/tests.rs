//! How the database file behaves: locks, limits, damage.

use super::*;

fn text(conn: &Connection, pragma: &str) -> String {
    conn.query_row(&format!("PRAGMA {pragma}"), [], |row| {
        row.get::<_, rusqlite::types::Value>(0).map(|value| format!("{value:?}"))
    })
    .unwrap()
}

#[test]
fn migrations_are_valid() {
    schema::MIGRATIONS.validate().unwrap();
}

#[test]
fn a_commit_is_on_disk_when_it_returns() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(&dir.path().join("hooke.db")).unwrap();
    let asked = ["journal_mode", "synchronous", "foreign_keys"].map(|p| text(&database.conn, p));
    expect_test::expect![[r#"Text("wal") Integer(2) Integer(1)"#]].assert_eq(&asked.join(" "));
}

#[test]
fn a_full_disk_keeps_nothing_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let mut database = Database::open(&dir.path().join("hooke.db")).unwrap();
    let insert = |tx: &Transaction<'_>| {
        for n in 0..100 {
            let name = format!("{n} {}", "x".repeat(1000));
            tx.execute("INSERT INTO site (name, tick, at) VALUES (?1, 1, 1)", [name])?;
        }
        Ok(())
    };
    let pages: i64 = database.conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
    database.conn.pragma_update(None, "max_page_count", pages + 5).unwrap();
    let error = database.write("filling", insert).unwrap_err();
    assert!(matches!(error, StoreError::DiskFull { .. }), "{error:?}");

    let count = |conn: &Connection| {
        Ok(conn.query_row("SELECT count(*) FROM site", [], |row| row.get::<_, i64>(0))?)
    };
    assert_eq!(database.read("counting", count).unwrap(), 0);
    database.conn.pragma_update(None, "max_page_count", 1_000_000).unwrap();
    database.write("filling", insert).unwrap();
    assert_eq!(database.read("counting", count).unwrap(), 100);
}

#[test]
fn system_errors_are_sorted_by_what_to_do() {
    let sorted = |kind: ErrorKind| {
        let error = StoreError::from_io(Path::new("hooke.db"), "looking", kind.into());
        format!("{kind:?}: {error}")
    };
    let all = [
        ErrorKind::StorageFull,
        ErrorKind::ReadOnlyFilesystem,
        ErrorKind::PermissionDenied,
        ErrorKind::TimedOut,
    ]
    .map(sorted);
    expect_test::expect![[r#"
        StorageFull: no room left for the store hooke.db: free some on that disk
        ReadOnlyFilesystem: no access to hooke.db: the host must be able to write the file and its directory, and so must whoever reads it while no host runs
        PermissionDenied: no access to hooke.db: the host must be able to write the file and its directory, and so must whoever reads it while no host runs
        TimedOut: looking: the disk of hooke.db failed: look at the system's log"#]].assert_eq(&all.join("\n"));
}
