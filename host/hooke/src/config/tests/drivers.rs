//! Slips in what drives a site: its sources, its cloud, the page's address.

use expect_test::expect;

use super::{check_short, slip};

#[test]
fn sources() {
    slip(
        "source = \"broker\"",
        "source = \"brokr\"",
        expect![[r#"
        24:10 site.profile.source: there is no source `brokr` | did you mean `broker`?
    "#]],
    );
    slip(
        "kind = \"rabbitmq\"",
        "kind = \"celery\"",
        expect![[r#"
        14:8 site.source.kind: there is no kind "celery" | write one of rabbitmq, sim
    "#]],
    );
    slip(
        "kind = \"rabbitmq\"",
        "",
        expect![[r#"
        12:1 site.source: `kind` is missing | write kind = "rabbitmq" or "sim"
    "#]],
    );
    slip(
        "\"http://rabbit:15672\"",
        "\"rabbit\"",
        expect![[r#"
        15:7 site.source.url: not a URL; write it as http://host:15672 | write for example url = "http://rabbit:15672"
    "#]],
    );
    slip(
        "\"http://rabbit:15672\"",
        "\"amqp://rabbit\"",
        expect![[r#"
        15:7 site.source.url: not http:// or https:// with a host and without ? and # | write for example url = "http://rabbit:15672"
    "#]],
    );
    slip(
        "kind = \"rabbitmq\"",
        "kind = \"rabbitmq\"\nvhost = \"\"",
        expect![[r#"
        15:9 site.source.vhost: "" is empty, "." or ".."; the default vhost is "/" | write vhost = "/" for the default one
    "#]],
    );
    slip(
        "kind = \"rabbitmq\"",
        "kind = \"rabbitmq\"\ntimeout = \"1h\"",
        expect![[r#"
        15:11 site.source.timeout: 3600s is not above zero and at most 300s | write for example timeout = "15s"
    "#]],
    );
    slip(
        "url = \"http://rabbit:15672\"",
        "url = \"https://rabbit\"\nca_file = \"not-there.pem\"",
        expect![[r#"
        16:11 site.source.ca_file: cannot read BASE/not-there.pem: No such file or directory (os error 2) | name a file with certificates in PEM, or remove the key to trust what this system trusts
    "#]],
    );
    slip(
        "url = \"http://rabbit:15672\"",
        "url = \"https://rabbit\"\nca_file = \"good.toml\"",
        expect![[r#"
        16:11 site.source.ca_file: BASE/good.toml holds no PEM certificate | name a file with certificates in PEM, or remove the key to trust what this system trusts
    "#]],
    );
    slip(
        "url = \"http://rabbit:15672\"",
        "url = \"https://rabbit\"\nca_file = \"a.pem\"\ninsecure = true",
        expect![[r#"
        17:12 site.source: both `ca_file` and `insecure` are given | keep ca_file, and remove insecure
    "#]],
    );
    slip(
        "url = \"http://rabbit:15672\"",
        "url = \"http://rabbit\"\ninsecure = true",
        expect![[r#"
        16:12 site.source.insecure: over http:// nobody looks at certificates | write url = "https://…", or remove insecure
    "#]],
    );
}

#[test]
fn clouds() {
    slip(
        "driver = \"process\"",
        "driver = \"openstack\"",
        expect![[r#"
        11:10 site.cloud.driver: there is no driver "openstack" | write one of process, sim
    "#]],
    );
    slip(
        "driver = \"process\"",
        "",
        expect![[r#"
        10:1 site.cloud: `driver` is missing | write driver = "process" or "sim"
    "#]],
    );
    slip(
        "[site.cloud]\ndriver = \"process\"",
        "",
        expect![[r#"
        3:1 site: it has no cloud to run machines on | write [site.cloud] with driver = "process"
    "#]],
    );
    slip(
        "[site.cloud]",
        "[[site.cloud]]",
        expect![[r#"
        10:1 site.cloud: a table is expected, not a list | write it as a section, [site.cloud]
    "#]],
    );
    slip(
        "command = \"worker\"",
        "",
        expect![[r#"
        27:1 profile `faces` has no command, and the process driver starts its workers | write command = ["PROGRAM", "ARGUMENT"] in the profile
    "#]],
    );
    slip(
        "command = \"worker\"",
        "command = \"worker --faces\"",
        expect![[r#"
        31:11 site.profile.command: "worker --faces" is a command line, not a program | write the program and each argument as strings of a list, such as command = ["python3", "worker.py"]; no shell reads it
    "#]],
    );
    slip(
        "command = \"worker\"",
        "command = [\"\"]",
        expect![[r#"
        31:11 site.profile.command: the program has no name | write the program and each argument as strings of a list, such as command = ["python3", "worker.py"]; no shell reads it
    "#]],
    );
    slip(
        "command = \"worker\"",
        "command = [\"worker\", 3]",
        expect![[r#"
        31:22 site.profile.command: a string is expected, not a whole number | write for example "text"
    "#]],
    );
    slip(
        "vcpus = 2",
        "environment = { \"A=B\" = \"x\", B = 3, C = \"\\u0000\" }",
        expect![[r#"
        19:17 site.image.environment: "A=B" cannot be the name of a variable | write a name without `=`
        19:34 site.image.environment.B: a string is expected, not a whole number | write for example "text"
        19:41 site.image.environment.C: a variable holds no NUL character | remove it
    "#]],
    );
    slip(
        "vcpus = 2",
        "when_idle = \"stop\"",
        expect![[r#"
        19:13 site.image.when_idle: "stop" is not what can become of an idle machine | write one of suspend, terminate
    "#]],
    );
    slip(
        "driver = \"process\"",
        "driver = \"sim\"",
        expect![[r#"
        10:1 a simulated cloud needs the queues of a simulated source | write a [[site.source]] with kind = "sim"
    "#]],
    );
}

#[test]
fn simulated() {
    let site = include_str!("sim.toml");
    check_short(site, expect![[""]]);
    let slip = |right: &str, wrong: &str, expect| {
        assert_eq!(site.matches(right).count(), 1, "{right:?} is there once");
        check_short(&site.replace(right, wrong), expect);
    };
    slip(
        "speed = 60",
        "speed = 0",
        expect![[r#"
        6:9 site.cloud.speed: time that stands still simulates nothing | write speed = 1 or more
    "#]],
    );
    slip(
        "boot = [\"40s\", \"100s\"]",
        "boot = [\"100s\", \"40s\"]",
        expect![[r#"
        8:8 site.cloud.boot: the shortest is above the longest | write one duration, or the shortest and the longest: boot = ["40s", "90s"]
    "#]],
    );
    slip(
        "boot = [\"40s\", \"100s\"]",
        "boot = [\"1s\", \"2s\", \"3s\"]",
        expect![[r#"
        8:8 site.cloud.boot: one duration or two are expected | write one duration, or the shortest and the longest: boot = ["40s", "90s"]
    "#]],
    );
    slip(
        "launch_failures = 0.05",
        "launch_failures = 5",
        expect![[r#"
        10:19 site.cloud.launch_failures: 5 is not between 0 and 1 | write a share such as 0.1
    "#]],
    );
    slip(
        "lag = \"5s\"",
        "lag = \"5ms\"",
        expect![[r#"
        14:7 site.source.lag: 5ms is less than a simulated source can lag | write "0s", or "1s" or more
    "#]],
    );
    slip(
        "name = \"faces\"",
        "name = \"fases\"",
        expect![[r#"
        28:18 queue `faces` is not simulated | did you mean `fases`?
    "#]],
    );
    slip(
        "name = \"faces\"",
        "name = \"ocr\"",
        expect![[r#"
        21:8 there are two queues named `ocr`, the first in line 16 | give one of them another name
        28:18 queue `faces` is not simulated | write a [[site.source.queue]] with name = "faces"
    "#]],
    );
    slip(
        "name = \"faces\"",
        "",
        expect![[r#"
        20:1 site.source.queue: `name` is missing | write name = "text"
    "#]],
    );
    slip(
        "messages = 500, ",
        "",
        expect![[r#"
        22:10 site.source.queue.burst: `messages` is missing | write messages = 10
    "#]],
    );
    slip(
        "per_hour = 3",
        "per_hour = 1e300",
        expect![[r#"
        18:12 site.source.queue.per_hour: so many messages an hour cannot be simulated | write a smaller number
    "#]],
    );
    slip(
        "driver = \"sim\"",
        "driver = \"process\"",
        expect![[r#"
        6:1 site.cloud: unknown key `speed` | remove it; the keys known here are driver, state
        7:1 site.cloud: unknown key `seed` | remove it; the keys known here are driver, state
        8:1 site.cloud: unknown key `boot` | remove it; the keys known here are driver, state
        9:1 site.cloud: unknown key `resume` | remove it; the keys known here are driver, state
        10:1 site.cloud: unknown key `launch_failures` | remove it; the keys known here are driver, state
        11:1 site.cloud: unknown key `quota_vms` | remove it; the keys known here are driver, state
        12:1 simulated queues need simulated machines, and the cloud's driver is "process" | write driver = "sim" in [site.cloud], or kind = "rabbitmq" here
        26:1 profile `both` has no command, and the process driver starts its workers | write command = ["PROGRAM", "ARGUMENT"] in the profile
    "#]],
    );
}

#[test]
fn addresses() {
    slip(
        "[store]",
        "[http]\nlisten = \"0.0.0.0:9464\"\n[store]",
        expect![[r#"
        2:10 http.listen: 0.0.0.0 is reachable from other machines | write a loopback address such as "127.0.0.1:9464" and put a proxy that asks for credentials in front of it
    "#]],
    );
    slip(
        "[store]",
        "[http]\nlisten = \"localhost:9464\"\n[store]",
        expect![[r#"
        2:10 http.listen: "localhost:9464" is not an IP address with a port | write for example "127.0.0.1:9464"
    "#]],
    );
    slip(
        "[store]",
        "[http]\nlisten = 9464\n[store]",
        expect![[r#"
        2:10 http.listen: a string is expected, not a whole number | write for example "127.0.0.1:9464"
    "#]],
    );
    slip("[store]", "[http]\nlisten = \"[::1]:0\"\n[store]", expect![[""]]);
}
