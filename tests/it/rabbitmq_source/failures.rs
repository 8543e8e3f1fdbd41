//! Everything that can be wrong between the source and a broker, each named.

use std::time::Duration;

use anyhow::Result;
use expect_test::{Expect, expect};
use hooke_sources::Source as _;
use hooke_sources::rabbitmq::{Config, Credentials, RabbitMq, Trust};
use hooke_tests::broker::{Broker, PASSWORD, USER};

use super::impostor::{self, Say, http, json};
use super::{config, queues, shown, trusting};

/// Reads a queue and compares the error.
async fn check(config: &Config, url: &str, expected: Expect) {
    let error = RabbitMq::new(config).unwrap().read(&queues(&["tasks"])).await.unwrap_err();
    expected.assert_eq(&shown(&error, url));
    assert!(!format!("{error:?} {}", error.chain()).contains("s3cret"), "{error:?}");
}

async fn check_impostor(answer: impl Fn(&str) -> Say + Send + Sync + 'static, expected: Expect) {
    let url = impostor::serve(answer).await.unwrap();
    check(&config(&url, "/"), &url, expected).await;
}

fn as_user(broker: &Broker, vhost: &str, user: &str, password: &str) -> Config {
    let credentials = Credentials::new(user, password).unwrap();
    Config::new(&broker.management_url(), vhost, credentials, super::WITHIN).unwrap()
}

#[tokio::test]
async fn credentials_and_vhosts() -> Result<()> {
    let broker = Broker::shared().await?;
    let url = broker.management_url();
    let vhost = broker.vhost("guarded").await?.name;
    for (user, tags) in [("nobody", ""), ("clerk", "management"), ("watcher", "monitoring")] {
        broker.user(user, "s3cret", tags).await?;
    }
    broker.permit(&vhost, "clerk", ".*").await?;

    let wrong = as_user(broker, &vhost, USER, "s3cret-not");
    check(&wrong, &url, expect![[r#"
        unauthorized: URL/ refuses user "guest": wrong user or password; correct the source's credentials
    "#]]).await;
    let untagged = as_user(broker, &vhost, "nobody", "s3cret");
    check(&untagged, &url, expect![[r#"
        unauthorized: URL/ refuses user "nobody": the user lacks the monitoring tag and would see only its own consumers; run `rabbitmqctl set_user_tags USER monitoring`
    "#]]).await;
    // This one is let in, and would be shown its own consumers only.
    let clerk = as_user(broker, &vhost, "clerk", "s3cret");
    check(&clerk, &url, expect![[r#"
        unauthorized: URL/ refuses user "clerk": the user lacks the monitoring tag and would see only its own consumers; run `rabbitmqctl set_user_tags USER monitoring`
    "#]]).await;
    let watcher = as_user(broker, &vhost, "watcher", "s3cret");
    check(&watcher, &url, expect![[r#"
        unauthorized: URL/ refuses user "watcher": the user has no permissions on vhost "guarded"; run `rabbitmqctl set_permissions -p VHOST USER '' '' ''`
    "#]]).await;
    let elsewhere = as_user(broker, "no/such", USER, PASSWORD);
    check(
        &elsewhere,
        &url,
        expect![[r#"
        vhost-missing: there is no vhost "no/such" on URL/; create it, or correct the source's vhost
    "#]],
    )
    .await;

    // What the last but one message advises is enough.
    broker.permit(&vhost, "watcher", "").await?;
    broker.declare(&vhost, "tasks").await?;
    let watcher = RabbitMq::new(&as_user(broker, &vhost, "watcher", "s3cret"))?;
    assert!(watcher.read(&queues(&["tasks"])).await?.queues["tasks"].is_ok());
    Ok(())
}

#[tokio::test]
async fn tls() -> Result<()> {
    let broker = Broker::shared().await?;
    let vhost = broker.vhost("sealed").await?.name;
    broker.declare(&vhost, "tasks").await?;
    let (plain, sealed) = (broker.management_url(), broker.management_tls_url());

    let https_on_plain = plain.replace("http:", "https:");
    let own = Trust::Authorities(broker.certificate());
    let to_plain = config(&https_on_plain, &vhost).with_trust(own.clone());
    check(&to_plain, &https_on_plain, expect![[r#"
        tls: no TLS connection to URL/: the port does not speak TLS; write http:// or the TLS port (15671 by default) into the source's url
    "#]]).await;
    let other = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let stranger = tempfile::NamedTempFile::new()?;
    std::fs::write(stranger.path(), other.cert.pem())?;
    let untrusted =
        config(&sealed, &vhost).with_trust(Trust::Authorities(stranger.path().to_owned()));
    check(&untrusted, &sealed, expect![[r#"
        tls: no TLS connection to URL/: its certificate is not signed by a trusted authority; give the source the authority's certificate file
    "#]]).await;
    let by_name = sealed.replace("127.0.0.1", "localhost");
    let misnamed = config(&by_name, &vhost).with_trust(own);
    check(&misnamed, &by_name, expect![[r#"
        tls: no TLS connection to URL/: its certificate is for another host name; write the certificate's name into the source's url
    "#]]).await;
    let http_on_sealed = sealed.replace("https:", "http:");
    check(&config(&http_on_sealed, &vhost), &http_on_sealed, expect![[r#"
        not-management-api: URL/ is not the RabbitMQ management API: it answered with something that is not HTTP, as a TLS port does behind an http:// url; correct the source's url (the management port is 15672 by default)
    "#]]).await;

    let trusted = trusting(broker, &vhost, &broker.certificate());
    assert!(trusted.read(&queues(&["tasks"])).await?.queues["tasks"].is_ok());
    let careless = config(&sealed, &vhost).with_trust(Trust::AnyCertificate);
    assert!(RabbitMq::new(&careless)?.read(&queues(&["tasks"])).await.is_ok());
    Ok(())
}

#[tokio::test]
async fn nobody_there() -> Result<()> {
    let [port] = hooke_tests::ports::free()?;
    let url = format!("http://127.0.0.1:{port}");
    check(&config(&url, "/"), &url, expect![[r#"
        unreachable: cannot reach URL/; check that the broker runs with its management plugin enabled, and the host and port of the source's url
    "#]]).await;
    Ok(())
}

#[tokio::test]
async fn no_answer_in_time() -> Result<()> {
    let url = impostor::serve(|_| Say::Nothing).await?;
    let credentials = Credentials::new(USER, PASSWORD)?;
    let config = Config::new(&url, "/", credentials, Duration::from_millis(200))?;
    check(&config, &url, expect![[r#"
        timed-out: no complete answer from URL/ within 200ms; look at the broker's load, or raise the source's timeout
    "#]]).await;
    Ok(())
}

#[tokio::test]
async fn something_else_answers() {
    let page = || http("200 OK", "text/html", "<html>hello</html>");
    check_impostor(move |_| page(), expect![[r#"
        not-management-api: URL/ is not the RabbitMQ management API: it answered with HTTP status 200 and text/html; correct the source's url (the management port is 15672 by default)
    "#]]).await;
    let absent = || http("404 Not Found", "text/html", "<html>no</html>");
    check_impostor(move |_| absent(), expect![[r#"
        not-management-api: URL/ is not the RabbitMQ management API: it answered with HTTP status 404 and text/html; correct the source's url (the management port is 15672 by default)
    "#]]).await;
    let proxy = || http("502 Bad Gateway", "text/html", "<html>no</html>");
    check_impostor(move |_| proxy(), expect![[r#"
        broker-failed: URL/ failed with HTTP status 502 (no reason given); look into the log of the broker, or of the proxy before it
    "#]]).await;
    check_impostor(|_| json(r#"{"hello":"world"}"#), expect![[r#"
        malformed: URL/ sent an answer that cannot be understood; check the broker's version (3.8 or later)
    "#]]).await;
    let redirect = "HTTP/1.1 302 Found\r\nlocation: https://elsewhere/\r\n\
                    content-length: 0\r\nconnection: close\r\n\r\n";
    check_impostor(|_| Say::Bytes(redirect.into()), expect![[r#"
        not-management-api: URL/ is not the RabbitMQ management API: it answered with a redirect to https://elsewhere/; correct the source's url (the management port is 15672 by default)
    "#]]).await;
    check_impostor(|_| Say::Bytes(b"SSH-2.0-OpenSSH_9\r\n".into()), expect![[r#"
        not-management-api: URL/ is not the RabbitMQ management API: it answered with something that is not HTTP, as a TLS port does behind an http:// url; correct the source's url (the management port is 15672 by default)
    "#]]).await;
}

const ME: &str = r#"{"name":"guest","tags":"monitoring,other"}"#;

#[tokio::test]
async fn broken_and_boundless_answers() {
    let half = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                content-length: 100\r\n\r\n{\"name\":";
    check_impostor(|_| Say::Bytes(half.into()), expect![[r#"
        interrupted: the connection to URL/ broke before the answer was complete; the next tick asks again. If it stays so, check whether the broker keeps restarting
    "#]]).await;
    let huge = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                content-length: 99000000\r\n\r\n{\"name\":";
    check_impostor(|_| Say::Bytes(huge.into()), expect![[r#"
        limit-exceeded: URL/ has 99000000 bytes in one answer, at most 67108864 are read; watch a smaller vhost
    "#]]).await;
    let pages = |path: &str| match path {
        "/api/whoami" => json(ME),
        _ => json(r#"{"items":[],"page_count":4000000}"#),
    };
    check_impostor(pages, expect![[r#"
        limit-exceeded: URL/ has 4000000 pages of queues, at most 200 are read; watch a smaller vhost
    "#]]).await;
}

/// The list shrinks between two pages; the consumers cannot be read.
#[tokio::test]
async fn what_fails_after_the_queues_costs_only_the_consumers() -> Result<()> {
    let url = impostor::serve(|path| match path {
        "/api/whoami" => json(ME),
        _ if path.contains("page=1&") => {
            json(r#"{"items":[{"name":"tasks","messages_ready":7}],"page_count":2}"#)
        }
        _ if path.contains("page=2&") => {
            http("400 Bad Request", "application/json", r#"{"error":"page_out_of_range"}"#)
        }
        _ => http("500 Internal Server Error", "application/json", r#"{"reason":"no\nluck"}"#),
    })
    .await?;
    let reading = RabbitMq::new(&config(&url, "/"))?.read(&queues(&["tasks"])).await?;
    assert_eq!(super::facts(&reading, "tasks").ready, Some(7));
    assert_eq!(super::facts(&reading, "tasks").unacked, None, "not said is not zero");
    let why = reading.consumers.unwrap_err().0.replace(&url, "URL");
    expect!["URL/ failed with HTTP status 500 (no luck); look into the log of the broker, or of the proxy before it"].assert_eq(&why);
    Ok(())
}
