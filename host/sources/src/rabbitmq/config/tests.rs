//! What is taken, what is refused, and that the password stays hidden.

use std::time::Duration;

use expect_test::{Expect, expect};

use super::{Config, Credentials, PageSize, Trust};
use crate::rabbitmq::RabbitMq;

const SECOND: Duration = Duration::from_secs(1);

fn check(url: &str, vhost: &str, timeout: Duration, expected: Expect) {
    let credentials = Credentials::new("reader", "s3cret").unwrap();
    let text = match Config::new(url, vhost, credentials, timeout) {
        Ok(config) => format!("{} {}", config.url, config.vhost),
        Err(error) => error.to_string(),
    };
    expected.assert_eq(&text);
}

#[test]
fn urls_vhosts_and_timeouts() {
    check("http://rabbit:15672", "/", SECOND, expect!["http://rabbit:15672/ /"]);
    check("https://[::1]:15671/prefix", "a b", SECOND, expect!["https://[::1]:15671/prefix a b"]);
    check("rabbit", "/", SECOND, expect!["url: not a URL; write it as http://host:15672"]);
    check(
        "amqp://rabbit",
        "/",
        SECOND,
        expect!["url: not http:// or https:// with a host and without ? and #"],
    );
    check(
        "http://me:s3cret@rabbit",
        "/",
        SECOND,
        expect!["url: holds a user or password; move them to the source's credentials"],
    );
    check(
        "http://rabbit/?token=s3cret",
        "/",
        SECOND,
        expect!["url: not http:// or https:// with a host and without ? and #"],
    );
    check(
        "http://rabbit",
        "",
        SECOND,
        expect![[r#"vhost: "" is empty, "." or ".."; the default vhost is "/""#]],
    );
    check(
        "http://rabbit",
        "/",
        Duration::ZERO,
        expect!["timeout: 0ns is not above zero and at most 300s"],
    );
    check(
        "http://rabbit",
        "/",
        SECOND * 301,
        expect!["timeout: 301s is not above zero and at most 300s"],
    );
}

#[test]
fn credentials() {
    let given = Credentials::parse("reader:s3cret:with colon\n").unwrap();
    assert_eq!(given, Credentials::new("reader", "s3cret:with colon").unwrap());
    for wrong in ["", "reader", ":s3cret"] {
        let error = Credentials::parse(wrong).unwrap_err();
        expect!["credentials: not of the form user:password with a user that is not empty"]
            .assert_eq(&error.to_string());
    }
    let config = Config::new("http://rabbit", "/", given, SECOND).unwrap();
    let source = RabbitMq::new(&config).unwrap();
    let shown = format!("{config:?} {source:?}");
    assert!(shown.contains("reader") && !shown.contains("s3cret"), "{shown}");
}

#[test]
fn pages() {
    let sizes = [0, 1, 500, 501].map(|size| PageSize::new(size).map(PageSize::get));
    assert_eq!(sizes, [None, Some(1), Some(500), None]);
}

#[test]
fn authorities_are_read_at_the_start() {
    let check = |path: &str, expected: Expect| {
        let credentials = Credentials::new("reader", "s3cret").unwrap();
        let trust = Trust::Authorities(path.into());
        let config = Config::new("https://rabbit", "/", credentials, SECOND).unwrap();
        let error = RabbitMq::new(&config.with_trust(trust)).unwrap_err();
        expected.assert_eq(&error.to_string());
    };
    check("no/such/file.pem", expect!["certificate authorities: cannot read no/such/file.pem"]);
    check("Cargo.toml", expect!["certificate authorities: Cargo.toml holds no PEM certificate"]);
}
