//! The wire under the client: counts calls, holds some back, and dies with the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use event_listener::Event;
use pos_clients::sim::{SimHandle, SimSender};
use pos_clients::transport::{HttpSender, SendError, TryLimits};

use crate::tap::Fuse;

/// A point where a call waits until it is let through.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    reached: AtomicBool,
    open: AtomicBool,
    opened: Event,
}

impl Gate {
    pub(crate) fn is_reached(&self) -> bool {
        self.reached.load(Ordering::SeqCst)
    }

    pub(crate) fn open(&self) {
        self.open.store(true, Ordering::SeqCst);
        self.opened.notify(usize::MAX);
    }

    async fn pass(&self) {
        self.reached.store(true, Ordering::SeqCst);
        loop {
            let opened = self.opened.listen();
            if self.open.load(Ordering::SeqCst) {
                return;
            }
            opened.await;
        }
    }
}

/// Where a held call stands while it waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// The register has not seen it.
    BeforeIt,
    /// The register has acted, its answer is under way.
    AfterIt,
}

#[derive(Debug, Default)]
struct Notes {
    calls: Vec<String>,
    held: Vec<(String, Place, Arc<Gate>)>,
    /// A word of the register, and what it says instead.
    other_word: Option<(String, String)>,
}

/// What is known of the calls, over restarts.
#[derive(Debug, Default)]
pub(crate) struct WireBooks(Mutex<Notes>);

impl WireBooks {
    /// How many calls of this kind were made, such as `POST /ticket/detailticket`.
    pub(crate) fn count(&self, call: &str) -> usize {
        let (method, path) = call.split_once(' ').unwrap();
        let of_kind =
            |made: &&String| made.split_once(' ').is_some_and(|(m, p)| m == method && p.contains(path));
        self.0.lock().unwrap().calls.iter().filter(of_kind).count()
    }

    /// All calls, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.0.lock().unwrap().calls.clone()
    }

    /// Holds the next call of this kind back.
    pub(crate) fn hold(&self, call: &str, place: Place) -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        self.0.lock().unwrap().held.push((call.to_owned(), place, gate.clone()));
        gate
    }

    /// From now on the register says `other` for `word`.
    pub(crate) fn reword(&self, word: &str, other: &str) {
        self.0.lock().unwrap().other_word = Some((word.to_owned(), other.to_owned()));
    }

    fn in_its_words(&self, answer: http::Response<Bytes>) -> http::Response<Bytes> {
        match &self.0.lock().unwrap().other_word {
            None => answer,
            Some((word, other)) => {
                answer.map(|body| String::from_utf8_lossy(&body).replace(word, other).into_bytes().into())
            }
        }
    }

    fn note(&self, call: String) -> Option<(Place, Arc<Gate>)> {
        let mut notes = self.0.lock().unwrap();
        let (method, path) = call.split_once(' ').unwrap();
        let fits = |kind: &str| kind.split_once(' ').is_some_and(|(m, p)| m == method && path.contains(p));
        let at = notes.held.iter().position(|(kind, ..)| fits(kind));
        let held = at.map(|at| notes.held.remove(at)).map(|(_, place, gate)| (place, gate));
        notes.calls.push(call);
        held
    }
}

/// The sender under observation.
#[derive(Debug)]
pub(crate) struct Wire {
    inner: SimSender,
    books: Arc<WireBooks>,
    fuse: Arc<Fuse>,
}

impl Wire {
    pub(crate) fn new(register: SimHandle, books: Arc<WireBooks>, fuse: Arc<Fuse>) -> Self {
        Self { inner: SimSender::new(register), books, fuse }
    }
}

#[async_trait]
impl HttpSender for Wire {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        limits: TryLimits,
    ) -> Result<http::Response<Bytes>, SendError> {
        self.fuse.step().await;
        let held = self.books.note(format!("{} {}", request.method(), request.uri().path()));
        if let Some((Place::BeforeIt, gate)) = &held {
            gate.pass().await;
        }
        let answer = self.inner.send(request, limits).await;
        if let Some((Place::AfterIt, gate)) = &held {
            gate.pass().await;
        }
        self.fuse.step().await;
        answer.map(|answer| self.books.in_its_words(answer))
    }
}
