use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Either, Full, Limited};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Fault, FaultRule, FaultSpec, Outcome, SimError, SimHandle, Strike};

/// The largest request body read, in bytes.
const MAX_BODY: usize = 1024 * 1024;
/// How long a client may take over its request head.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a client may take over its request body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// The pause after the system refused to hand over a connection, e.g. for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves a simulator over HTTP/1.1. Never returns; drop the future to stop, which closes every connection.
///
/// | call | |
/// |---|---|
/// | `GET /_sim/orders` | what the POS holds: an array of [`SimOrder`](super::SimOrder) |
/// | `GET /_sim/faults` | the faults that can still strike: an array of [`FaultSpec`] |
/// | `POST /_sim/faults` | plans one [`FaultSpec`] |
/// | `DELETE /_sim/faults` | clears them |
/// | `POST /_sim/staff` | `{"order","action"}`: the register acts |
/// | anything else | the vendor's API |
///
/// The `_sim` calls answer problems with `{"error": "..."}` and status 400, 404 (no such order) or 409 (not possible now).
///
/// Must run inside a tokio runtime with its timer and I/O drivers.
pub async fn serve(listener: TcpListener, handle: SimHandle) {
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(serve_connection(stream, handle.clone()));
            }
            Err(_) => pause(ACCEPT_PAUSE).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn serve_connection(stream: TcpStream, handle: SimHandle) {
    let service = service_fn(move |request| {
        let handle = handle.clone();
        async move { respond(request, &handle).await }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    // A connection that ends badly is the client's doing or a planned fault; either way there is nobody to tell.
    let _ = connection.await;
}

type Answer = Response<Either<Full<Bytes>, CutBody>>;

/// An `Err` makes hyper close the connection without an answer.
async fn respond(request: Request<Incoming>, handle: &SimHandle) -> Result<Answer, io::Error> {
    let (head, body) = request.into_parts();
    let body = match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return Ok(whole(problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is larger than 1 MiB")));
        }
        Ok(Err(_)) => return Err(io::ErrorKind::ConnectionAborted.into()),
        Err(_) => return Ok(whole(problem(StatusCode::REQUEST_TIMEOUT, "the body did not arrive in time"))),
    };
    let request = Request::from_parts(head, body);
    if let Some(call) = request.uri().path().strip_prefix("/_sim/") {
        return Ok(whole(control(call, &request, handle)));
    }

    let strike = handle.strike(&request);
    let delay = match &strike {
        Some(Strike { fault: Fault::Slow { delay }, .. }) => Some(*delay),
        _ => None,
    };
    let after_apply = strike.as_ref().is_some_and(|strike| strike.after_apply);
    // A client that gives up while we wait here closes the connection, which drops this future: the request is
    // then never applied.
    if let Some(delay) = delay.filter(|_| !after_apply) {
        pause(delay).await;
    }
    let outcome = handle.complete(request, strike.as_ref());
    if let Some(delay) = delay.filter(|_| after_apply) {
        pause(delay).await;
    }
    match outcome {
        Outcome::Answer(response) => Ok(whole(response)),
        Outcome::Cut { response, sent } => Ok(cut(response, sent)),
        Outcome::Dropped | Outcome::Refused => Err(io::ErrorKind::ConnectionAborted.into()),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StaffAct {
    order: String,
    action: String,
}

fn control(call: &str, request: &Request<Bytes>, handle: &SimHandle) -> Response<Bytes> {
    match (request.method(), call) {
        (&Method::GET, "orders") => reply(StatusCode::OK, json!(handle.orders())),
        (&Method::GET, "faults") => {
            let specs: Vec<_> = handle.faults().iter().map(FaultSpec::from).collect();
            reply(StatusCode::OK, json!(specs))
        }
        (&Method::DELETE, "faults") => {
            handle.clear_faults();
            reply(StatusCode::OK, json!([]))
        }
        (&Method::POST, "faults") => plan_fault(request, handle),
        (&Method::POST, "staff") => act(request, handle),
        (_, "orders" | "faults" | "staff") => problem(StatusCode::METHOD_NOT_ALLOWED, "no such method here"),
        _ => problem(StatusCode::NOT_FOUND, "known: /_sim/orders, /_sim/faults, /_sim/staff"),
    }
}

fn plan_fault(request: &Request<Bytes>, handle: &SimHandle) -> Response<Bytes> {
    let spec: FaultSpec = match serde_json::from_slice(request.body()) {
        Ok(spec) => spec,
        Err(error) => return problem(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let planned = FaultRule::try_from(spec).and_then(|rule| {
        let written = FaultSpec::from(&rule);
        handle.add_fault(rule).map(|()| written)
    });
    match planned {
        Ok(spec) => reply(StatusCode::OK, json!(spec)),
        Err(error) => problem(StatusCode::BAD_REQUEST, &error.to_string()),
    }
}

fn act(request: &Request<Bytes>, handle: &SimHandle) -> Response<Bytes> {
    let act: StaffAct = match serde_json::from_slice(request.body()) {
        Ok(act) => act,
        Err(error) => return problem(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    match handle.staff(&act.order, &act.action) {
        Ok(()) => reply(StatusCode::OK, json!({ "ok": true })),
        Err(error) => {
            let status = match error {
                SimError::NoSuchOrder(_) => StatusCode::NOT_FOUND,
                SimError::UnknownAction { .. } => StatusCode::BAD_REQUEST,
                SimError::NotAllowed(_) => StatusCode::CONFLICT,
            };
            problem(status, &error.to_string())
        }
    }
}

fn problem(status: StatusCode, message: &str) -> Response<Bytes> {
    reply(status, json!({ "error": message }))
}

fn reply(status: StatusCode, body: Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn whole(response: Response<Bytes>) -> Answer {
    response.map(|body| Either::Left(Full::new(body)))
}

/// Promises the whole length, sends a part, and breaks off.
fn cut(mut response: Response<Bytes>, sent: usize) -> Answer {
    let promised = response.body().len().max(sent.saturating_add(1));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(promised));
    response.map(|body| {
        let part = body.get(..sent).map(Bytes::copy_from_slice);
        Either::Right(CutBody { part, flushed: false })
    })
}

/// A body that breaks off. It lets the connection write out what it has before it fails, so that the client
/// really sees the head and the part.
struct CutBody {
    part: Option<Bytes>,
    flushed: bool,
}

impl Body for CutBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(part) = self.part.take() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        if !self.flushed {
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        // Ending before the promised length makes hyper abort the connection.
        Poll::Ready(None)
    }
}

#[allow(
    clippy::disallowed_methods,
    reason = "a socket lives in real time, whatever clock the simulator is given"
)]
async fn pause(delay: Duration) {
    tokio::time::sleep(delay).await;
}
