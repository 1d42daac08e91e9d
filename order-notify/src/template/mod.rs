//! Messages as subject, text and HTML.
//!
//! Each kind of message is one small file under `templates/`, named after the kind (`ready.txt`), with three
//! blocks: `subject`, `heading` and `lead`. They are plain text; `layout.txt` and `layout.html` set them, with
//! the order around them, and the HTML layout escapes whatever it is given. A store replaces any of these files
//! by name with [`TemplatesBuilder::override_template`].
//!
//! A template knows: `kind`, `audience` (`customer`, `staff`, `manager`), `code`, `store.name`,
//! `store.address`, `called`, `updated`, `changes` (sentences), `lines` (each `name`, `size`, `quantity`,
//! `per_gram`, `unit_price`, `total`, `discount`, `remark`, `removed`), `totals` (`subtotal`, `discount`, `tax`,
//! `total`), `placed`, `reason`, `delivery`, `paid`. For customers also `intro` and `hint`. For staff and
//! managers also `staff` (`facts`, `differences`, `attention`) and the `product_id` of a line. The layouts also
//! have `subject`, `heading` and `lead` (paragraphs). What is not for an audience is `none` for it, and the
//! block `subject` sees no products and no names, so that no template can give them away.

mod view;
mod words;

use std::sync::Arc;

use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use order_core::model::NoticeKind;
use order_core::ports::Message;
use serde::Serialize;
use thiserror::Error;

use view::View;
#[cfg(feature = "email")]
pub(crate) use words::in_range;

const LAYOUT_TEXT: &str = "layout.txt";
const LAYOUT_HTML: &str = "layout.html";

const SOURCES: [(&str, &str); 10] = [
    (LAYOUT_TEXT, include_str!("../../templates/layout.txt")),
    (LAYOUT_HTML, include_str!("../../templates/layout.html")),
    ("submitted.txt", include_str!("../../templates/submitted.txt")),
    ("changed.txt", include_str!("../../templates/changed.txt")),
    ("ready.txt", include_str!("../../templates/ready.txt")),
    ("canceled.txt", include_str!("../../templates/canceled.txt")),
    ("completed.txt", include_str!("../../templates/completed.txt")),
    ("attention.txt", include_str!("../../templates/attention.txt")),
    ("cancel_requested.txt", include_str!("../../templates/cancel_requested.txt")),
    ("limit_overridden.txt", include_str!("../../templates/limit_overridden.txt")),
];

/// Steps one template may take: far more than the longest order needs, far fewer than an endless loop.
const FUEL: u64 = 2_000_000;

/// The most characters of a store's name, and of the event, in a subject.
const SUBJECT_PART: usize = 60;

/// The file with the words for a kind.
const fn words_of(kind: NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Submitted => "submitted.txt",
        NoticeKind::Changed => "changed.txt",
        NoticeKind::Ready => "ready.txt",
        NoticeKind::Canceled => "canceled.txt",
        NoticeKind::Completed => "completed.txt",
        NoticeKind::Attention => "attention.txt",
        NoticeKind::CancelRequested => "cancel_requested.txt",
        NoticeKind::LimitOverridden => "limit_overridden.txt",
    }
}

/// A template that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TemplateError {
    /// There is no template of this name to override.
    #[error("there is no template {name}: the names are layout.html, layout.txt and KIND.txt, as ready.txt")]
    Unknown {
        /// The name given.
        name: String,
    },
    /// It is not a template.
    #[error("the template {name} cannot be read (line {line}): {detail}")]
    Syntax {
        /// Which.
        name: String,
        /// Where.
        line: usize,
        /// What is wrong.
        detail: String,
    },
    /// It asks for something there is not.
    #[error("the template {name} cannot be filled in (line {line}): {detail}")]
    Render {
        /// Which.
        name: String,
        /// Where.
        line: usize,
        /// What is wrong.
        detail: String,
    },
}

/// A message in words.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line: the store, the code and the event. No product, no person.
    pub subject: String,
    /// As plain text.
    pub text: String,
    /// As an HTML document.
    pub html: String,
}

impl std::fmt::Debug for Rendered {
    /// The bodies name people, so they are not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rendered").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// The templates in use. Cheap to clone.
#[derive(Clone)]
pub struct Templates {
    own: Arc<Environment<'static>>,
    overridden: Option<Arc<Environment<'static>>>,
}

impl std::fmt::Debug for Templates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Templates").field("overridden", &self.overridden.is_some()).finish()
    }
}

/// Collects the texts of a store.
#[derive(Debug, Clone, Default)]
pub struct TemplatesBuilder {
    overrides: Vec<(String, String)>,
}

impl TemplatesBuilder {
    /// Replaces the template `name` (`layout.html`, `layout.txt`, or a kind as in `ready.txt`) by this source.
    ///
    /// What the source escapes by hand is the author's business: `safe` in `layout.html` prints unescaped.
    #[must_use]
    pub fn override_template(mut self, name: impl Into<String>, source: impl Into<String>) -> Self {
        self.overrides.push((name.into(), source.into()));
        self
    }

    /// Reads all templates.
    ///
    /// # Errors
    /// [`TemplateError`] when a name is not known or a source is not a template.
    pub fn build(self) -> Result<Templates, TemplateError> {
        let own = environment(SOURCES.map(|(name, source)| (name.to_owned(), source.to_owned())))?;
        let own = Arc::new(own);
        if self.overrides.is_empty() {
            return Ok(Templates { own, overridden: None });
        }
        let mut sources: Vec<(String, String)> =
            SOURCES.map(|(name, source)| (name.to_owned(), source.to_owned())).to_vec();
        for (name, source) in self.overrides {
            match sources.iter_mut().find(|(known, _)| *known == name) {
                Some(known) => known.1 = source,
                None => return Err(TemplateError::Unknown { name }),
            }
        }
        Ok(Templates { own, overridden: Some(Arc::new(environment(sources)?)) })
    }
}

fn environment(
    sources: impl IntoIterator<Item = (String, String)>,
) -> Result<Environment<'static>, TemplateError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|name| {
        if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
    });
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_keep_trailing_newline(true);
    environment.set_fuel(Some(FUEL));
    for (name, source) in sources {
        environment.add_template_owned(name.clone(), source).map_err(|error| TemplateError::Syntax {
            name,
            line: error.line().unwrap_or_default(),
            detail: error.detail().unwrap_or("a syntax error").to_owned(),
        })?;
    }
    Ok(environment)
}

/// What a layout sees: the words of the kind beside the order.
#[derive(Serialize)]
struct Page<'a> {
    subject: &'a str,
    heading: String,
    lead: Vec<String>,
    #[serde(flatten)]
    view: &'a View,
}

impl Templates {
    /// The templates that come with the crate.
    ///
    /// # Errors
    /// None in practice: these are tested. The signature is that of [`TemplatesBuilder::build`].
    pub fn new() -> Result<Self, TemplateError> {
        Self::builder().build()
    }

    /// Starts with the templates that come with the crate.
    pub fn builder() -> TemplatesBuilder {
        TemplatesBuilder::default()
    }

    /// Puts a message into words.
    ///
    /// When a store's own template fails, the one that comes with the crate steps in: a plainer message is
    /// better than none.
    ///
    /// # Errors
    /// [`TemplateError::Render`] when that one fails, too.
    pub fn render(&self, message: &Message) -> Result<Rendered, TemplateError> {
        if let Some(overridden) = &self.overridden {
            match render(overridden, message) {
                Ok(rendered) => return Ok(rendered),
                Err(error) => {
                    tracing::warn!(store = %message.store.id, %error, "using the standard template")
                }
            }
        }
        render(&self.own, message)
    }

    /// Fills in a store's own templates strictly, without a stand-in: for trying them out before use.
    ///
    /// # Errors
    /// [`TemplateError::Render`] names the template and the line that fail.
    pub fn check(&self, message: &Message) -> Result<Rendered, TemplateError> {
        render(self.overridden.as_ref().unwrap_or(&self.own), message)
    }
}

fn render(environment: &Environment<'static>, message: &Message) -> Result<Rendered, TemplateError> {
    let view = View::of(message);
    let words = words_of(message.kind);
    let event = block(environment, words, "subject", &view.for_subject())?;
    let subject = subject(&view, &event);
    let lead = block(environment, words, "lead", &view)?;
    let page = Page {
        subject: &subject,
        heading: self::words::clean(&block(environment, words, "heading", &view)?),
        lead: paragraphs(&lead),
        view: &view,
    };
    let whole = |name: &str| -> Result<String, TemplateError> {
        let template = environment.get_template(name).map_err(|error| failed(name, &error))?;
        template.render(&page).map_err(|error| failed(name, &error))
    };
    let (text, html) = (whole(LAYOUT_TEXT)?, whole(LAYOUT_HTML)?);
    Ok(Rendered { subject, text, html })
}

fn subject(view: &View, event: &str) -> String {
    let store = words::shorten(&view.store.name, SUBJECT_PART);
    let event = words::shorten(&words::clean(event), SUBJECT_PART);
    words::clean(&format!("{store} {}: {event}", view.code))
}

fn paragraphs(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in text.lines().map(words::clean) {
        match found.last_mut() {
            Some(last) if !line.is_empty() => {
                if !last.is_empty() {
                    last.push(' ');
                }
                last.push_str(&line);
            }
            Some(last) if !last.is_empty() => found.push(String::new()),
            _ => {}
        }
    }
    found.retain(|paragraph| !paragraph.is_empty());
    found
}

fn block(
    environment: &Environment<'static>,
    name: &str,
    block: &str,
    view: &View,
) -> Result<String, TemplateError> {
    let template = environment.get_template(name).map_err(|error| failed(name, &error))?;
    let mut captured = template.render_captured(view).map_err(|error| failed(name, &error))?;
    captured.with_state_mut(|state| state.render_block(block)).map_err(|error| failed(name, &error))
}

/// The kind of the error only: its detail may quote what was filled in.
fn failed(name: &str, error: &minijinja::Error) -> TemplateError {
    TemplateError::Render {
        name: error.name().unwrap_or(name).to_owned(),
        line: error.line().unwrap_or_default(),
        detail: error.kind().to_string(),
    }
}
