//! What the host answers about itself over HTTP, on a loopback address:
//! `/healthz`, `/status`, `/metrics`. It reads; it changes nothing.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use tokio::net::TcpListener;

use crate::board::Board;
use crate::metrics::Metrics;

/// What the pages are made from.
#[derive(Debug, Clone)]
pub(crate) struct Pages {
    /// The latest of every site.
    pub(crate) board: Arc<Board>,
    /// The metrics.
    pub(crate) metrics: Arc<Metrics>,
}

/// Binds the address; port 0 takes a free one.
pub(crate) async fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Answers until the listener fails.
pub(crate) async fn serve(listener: TcpListener, pages: Pages) -> std::io::Result<()> {
    let router = Router::new()
        .route("/", get(index))
        .route("/healthz", get(health))
        .route("/status", get(status))
        .route("/metrics", get(metrics))
        .with_state(pages);
    axum::serve(listener, router).await
}

async fn index() -> &'static str {
    "hooke\n/healthz  200 while every site sees its machines\n/status   JSON\n/metrics  Prometheus\n"
}

async fn health(State(pages): State<Pages>) -> Response {
    let status = pages.board.read();
    if status.is_healthy() {
        return (StatusCode::OK, "ok\n").into_response();
    }
    let mut text = String::from("not every site sees its machines\n");
    for (name, site) in status.sites.iter().filter(|(_, s)| s.tick == 0 || s.cloud != "fresh") {
        let why = site.trouble.first().map_or("no tick yet", String::as_str);
        text.push_str(&format!("{name}: {why}\n"));
    }
    (StatusCode::SERVICE_UNAVAILABLE, text).into_response()
}

async fn status(State(pages): State<Pages>) -> Response {
    Json(pages.board.read()).into_response()
}

async fn metrics(State(pages): State<Pages>) -> Response {
    const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match pages.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, OPENMETRICS)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
