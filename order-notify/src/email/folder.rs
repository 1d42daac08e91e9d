//! Mail as files: for development, and for hosts that have a mailer of their own watch a folder.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use order_core::ports::NotifyError;

use super::compose::digest;
use super::transport::{MailEnvelope, MailTransport};

/// The most characters of a key in a file name; the rest of a file name's 255 bytes is for what follows.
const LONGEST: usize = 120;

/// Tells the temporary files of one process apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Writes each message as `KEY.eml` into a folder, which it creates.
///
/// A file appears whole or not at all. A message tried again, and the copies for several recipients, are the
/// same file.
#[derive(Debug, Clone)]
pub struct EmlFolder {
    folder: PathBuf,
}

impl EmlFolder {
    /// Mail goes into this folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The file that the message of this key goes into.
    ///
    /// Keys of letters, digits, `.`, `_` and `-` stand in it as they are. Others have what does not belong
    /// replaced by `_`, with a digest behind it that keeps two such keys apart.
    pub fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{}.eml", file_stem(key)))
    }
}

fn file_stem(key: &str) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    let plain = !key.is_empty() && key.len() <= LONGEST && !key.starts_with('.') && key.chars().all(fits);
    if plain {
        return key.to_owned();
    }
    let safe: String = key.chars().take(LONGEST).map(|c| if fits(c) { c } else { '_' }).collect();
    format!("{}-{}", safe.trim_start_matches('.'), digest(key))
}

#[async_trait]
impl MailTransport for EmlFolder {
    async fn deliver(&self, envelope: &MailEnvelope, message: &[u8]) -> Result<(), NotifyError> {
        let (path, message) = (self.path(&envelope.key), message.to_vec());
        let written = tokio::task::spawn_blocking(move || write_whole(&path, &message)).await;
        match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(NotifyError::Transient(format!(
                "the mail folder cannot be written ({}); check that it exists, has room and may be written",
                error.kind()
            ))),
            Err(_) => Err(NotifyError::Transient("writing into the mail folder was interrupted".to_owned())),
        }
    }
}

/// Writes beside the target and renames, with the bytes on disk before the name is.
fn write_whole(path: &Path, message: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".{}-{}.tmp", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    let written = write_new(&draft, message).and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        // What went wrong is told by the first error.
        let _ = fs::remove_file(&draft);
    }
    written
}

fn write_new(path: &Path, message: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(message)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_stay_in_the_folder_and_apart() {
        assert_eq!(file_stem("0198-7.submitted_1"), "0198-7.submitted_1");
        let odd = ["../../etc/passwd", "a/b", "a_b/", "a:b", "..", "", ".hidden", "é", "a\0b"];
        let mut seen: Vec<String> = odd.iter().map(|key| file_stem(key)).collect();
        for stem in &seen {
            assert!(!stem.contains(['/', '\\', ':', '\0']) && !stem.starts_with('.') && stem.len() < 200);
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), odd.len());
        assert!(file_stem(&"k".repeat(5_000)).len() < 200);
    }
}
