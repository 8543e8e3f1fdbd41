//! Where questions go, letter by letter.

use expect_test::{Expect, expect};
use hooke_control::ids::QueueName;

use super::{Filter, Urls};
use crate::rabbitmq::config::{Config, Credentials, PageSize};

fn urls(url: &str, vhost: &str) -> Urls {
    let credentials = Credentials::new("reader", "s3cret").unwrap();
    let config = Config::new(url, vhost, credentials, std::time::Duration::from_secs(5)).unwrap();
    Urls::new(&config.with_page_size(PageSize::new(100).unwrap()))
}

fn check_filter(names: &[&str], expected: Expect) {
    let names: Vec<QueueName> = names.iter().copied().map(QueueName::from).collect();
    let Filter(regex) = Filter::of(&names).expect("it fits into a URL");
    expected.assert_eq(&regex);
}

#[test]
fn questions() {
    let urls = urls("https://rabbit.example:15671/prefix/", "a/b c^");
    let names = [QueueName::from("ocr"), QueueName::from("faces.low")];
    let filter = Filter::of(&names);
    let all = [
        urls.whoami(),
        urls.queues(2, None),
        urls.queues(1, filter.as_ref()),
        urls.consumers(),
        urls.channels(),
    ];
    let text: Vec<String> = all.into_iter().map(|url| format!("{url}\n")).collect();
    expect![[r#"
        https://rabbit.example:15671/prefix/api/whoami
        https://rabbit.example:15671/prefix/api/queues/a%2Fb%20c%5E?page=2&page_size=100&columns=name%2Ctype%2Cmessages_ready%2Cmessages_unacknowledged%2Cconsumers%2Cidle_since%2Cmessage_stats.publish%2Cmessage_stats.deliver_get%2Cmessage_stats.ack%2Cmessage_stats.publish_details.rate%2Cmessage_stats.ack_details.rate%2Cmessage_stats.deliver_no_ack_details.rate%2Cmessage_stats.get_no_ack_details.rate
        https://rabbit.example:15671/prefix/api/queues/a%2Fb%20c%5E?page=1&page_size=100&columns=name%2Ctype%2Cmessages_ready%2Cmessages_unacknowledged%2Cconsumers%2Cidle_since%2Cmessage_stats.publish%2Cmessage_stats.deliver_get%2Cmessage_stats.ack%2Cmessage_stats.publish_details.rate%2Cmessage_stats.ack_details.rate%2Cmessage_stats.deliver_no_ack_details.rate%2Cmessage_stats.get_no_ack_details.rate&use_regex=true&name=%5E%28ocr%7Cfaces%5C.low%29%24
        https://rabbit.example:15671/prefix/api/consumers/a%2Fb%20c%5E?columns=queue.name%2Cack_required%2Cchannel_details.name%2Cchannel_details.peer_host%2Cchannel_details.peer_port
        https://rabbit.example:15671/prefix/api/vhosts/a%2Fb%20c%5E/channels?columns=name%2Cmessages_unacknowledged%2Cidle_since
    "#]].assert_eq(&text.concat());
}

#[test]
fn the_default_vhost_is_one_segment() {
    let url = urls("http://rabbit:15672", "/").channels();
    assert_eq!(url.path(), "/api/vhosts/%2F/channels");
}

#[test]
fn names_stand_for_themselves() {
    check_filter(&["ocr", "faces_low-2"], expect!["^(ocr|faces_low-2)$"]);
    check_filter(
        &[r"a.b*c", r"^(x|y)$", r"\d", "grün"],
        expect![[r#"^(a\.b\*c|\^\(x\|y\)\$|\\d|grün)$"#]],
    );
}

#[test]
fn a_filter_too_long_for_a_url_is_none() {
    let names = |count: usize| -> Vec<QueueName> {
        (0..count).map(|n| QueueName::from(format!("queue{n:04}"))).collect()
    };
    assert!(Filter::of(&names(150)).is_some());
    assert_eq!(Filter::of(&names(10_000)), None);
    let longest = Filter::of(&names(168)).expect("just short enough");
    assert!(urls("http://rabbit:15672", "/").queues(1, Some(&longest)).as_str().len() < 4096);
}
