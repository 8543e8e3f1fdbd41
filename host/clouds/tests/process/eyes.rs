//! What is seen of a machine: the connections and the load of its workers.

use std::net::{SocketAddr, TcpListener};

use hooke_clouds::Inventory;

use super::rig::Rig;
use super::*;

/// A worker connects to `host`; its endpoint is where the other side sees it.
async fn check(listen: &str, dial: &str) {
    let listener = TcpListener::bind(listen).unwrap();
    let port = listener.local_addr().unwrap().port();
    let dial = format!("{dial}:{port}");
    let rig = Rig::hosting(&[("ocr", 1, &["connect", &dial]), ("faces", 1, &["idle"])]);
    let cloud = rig.cloud();
    let vm = launched(&cloud, "one").await;
    let accept = tokio::task::spawn_blocking(move || listener.accept().unwrap());
    let (_open, peer) = accept.await.unwrap();
    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
    let vm = seen(&cloud, &vm, "the connection", |vm| {
        vm.workers.iter().flatten().any(|worker| worker.endpoints == [peer])
    })
    .await;
    let workers = vm.workers.unwrap();
    let idle = workers.iter().find(|worker| worker.profile.as_str() == "faces").unwrap();
    assert_eq!(idle.endpoints, []);
}

#[tokio::test]
async fn a_worker_is_tied_to_its_connection() {
    check("127.0.0.1:0", "127.0.0.1").await;
}

#[tokio::test]
async fn ipv4_in_the_clothes_of_ipv6_is_shown_as_ipv4() {
    check("127.0.0.1:0", "[::ffff:127.0.0.1]").await;
}

#[tokio::test]
async fn a_spinning_worker_is_load_and_an_idle_one_is_not() {
    let (busy, idle) =
        (Rig::hosting(&[("spins", 1, &["spin"])]), Rig::hosting(&[("idles", 1, &["idle"])]));
    let (busy_cloud, idle_cloud) = (busy.cloud(), idle.cloud());
    serving(&busy_cloud, "one", 1).await;
    serving(&idle_cloud, "one", 1).await;
    let load = async |cloud: &ProcessCloud| cloud.list().await.unwrap()[0].load.unwrap();
    // One core each at the most, and far less on a crowded computer.
    until("the one to be ten times the other", async || {
        let (busy, idle) = (load(&busy_cloud).await, load(&idle_cloud).await);
        (busy > 10.0 * idle.max(0.02)).then_some(())
    })
    .await;
    let twice = (load(&busy_cloud).await, load(&busy_cloud).await);
    assert!(twice.0.is_finite() && twice.0 < 2.0, "more than one core: {twice:?}");
}
