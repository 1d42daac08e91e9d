//! Settings and surroundings that cannot work: the command ends at once and says what to do, in one line.

use std::path::Path;
use std::time::Duration;

use crate::support::{Dispensary, run, settings};

/// Long for a command that only has to say no, short for one that hangs.
const AT_ONCE: Duration = Duration::from_secs(30);

/// Runs `dispensary`, which must fail with one line that says all of this; returns that line.
fn fails(args: &[&str], envs: &[(&str, &str)], says: &[&str]) -> String {
    let done = run("dispensary", args, envs);
    assert!(!done.success, "{args:?} should fail: {}", done.stdout);
    assert!(done.took < AT_ONCE, "{args:?} took {:?}", done.took);
    let line = done.stderr.trim_end();
    assert_eq!(line.lines().count(), 1, "{args:?}: {line}");
    assert!(!line.contains("panicked") && line.starts_with("dispensary: "), "{line}");
    for word in says {
        assert!(line.contains(word), "{args:?} does not say {word}: {line}");
    }
    line.to_owned()
}

fn write(folder: &Path, text: &str) -> String {
    let file = folder.join("settings.toml");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// One good store, to be spoilt.
fn good() -> String {
    settings(&[("oak", "http://127.0.0.1:1")], "")
}

#[test]
fn settings_that_cannot_work_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let refused = |text: &str, says: &[&str]| {
        let file = write(folder.path(), text);
        let args = ["--listen", "127.0.0.1:0", "--data-dir", data, "--config", &file];
        let line = fails(&args, &[], says);
        // The same settings, the same answer, also where only a token is wanted.
        let token = ["token", "--role", "staff", "--store", "oak", "--data-dir", data, "--config", &file];
        (line, token.map(str::to_owned))
    };
    refused(&format!("colour = 1\n{}", good()), &["settings.toml", "unknown field", "colour"]);
    refused(&good().replacen("name =", "nmae =", 1), &["settings.toml", "unknown field", "nmae"]);
    refused(&good().replacen("vendor = \"treez\"", "vendor = \"square\"", 1), &["square", "treez"]);
    refused(&good().replacen("[stores.pos]", "[stores.pos]\nsecret_sauce = 1", 1), &["secret_sauce"]);
    refused(&good().replacen("[stores.policy]", "[stores.policy]\nverfy_first = true", 1), &["verfy_first"]);
    refused(&good().replacen("America/Los_Angeles", "America/Nowhere", 1), &["settings.toml", "Nowhere"]);
    refused(&good().replacen("\"USD\"", "\"dollars\"", 1), &["three capital letters"]);
    refused(&good().replacen("http://127.0.0.1:1", "http://pos.example", 1), &["https"]);
    refused(&good().replacen("\"oak\"", "\"Oak Street\"", 1), &["store id"]);
    refused(&format!("{0}{0}", good()), &["oak", "twice"]);
    refused("", &["stores"]);
    refused("database = \"mysql://root@localhost/orders\"\n", &["stores"]);
    let with = |rules: &str| good().replacen("[stores.policy]", &format!("{rules}\n[stores.policy]"), 1);
    for (rules, says) in [
        ("rules.limits.jurisdictions = [\"us-xx\"]", ["oak", "us-xx"]),
        ("rules.limits.jurisdictions = [\"us-mi\"]", ["us-mi", "confirm"]),
        (
            "rules.limits = { jurisdictions = [\"us-ca\"], caps = { \"us-ca.flower\" = \"29\" } }",
            ["oak", "us-ca.flower"],
        ),
        ("rules.ordering.slots = { minutes = 0 }", ["oak", "pick-up slot"]),
        (
            "rules.hours.mon = [{ open = \"09:00:00\", close = \"13:00:00\" }, { open = \"12:00:00\", close = \"18:00:00\" }]",
            ["oak", "overlap"],
        ),
        ("rules.prices.discounts = [{ title = \"Much\", off = { percent = \"101\" } }]", ["oak", "Much"]),
        ("rules.stock.margin = \"-1\"", ["oak", "margin"]),
        ("rules.customers.adult_agee = 21", ["settings.toml", "adult_agee"]),
    ] {
        refused(&with(rules), &says);
    }
    refused(&format!("database = \"mysql://root@localhost/o\"\n{}", good()), &["database", "sqlite:FILE"]);
    refused(&format!("jwt_key = \"short\"\n{}", good()), &["32 bytes"]);
    let unset = good().replacen(
        "api_key = \"demo-api-key-green-oak\"",
        "api_key = { env = \"NO_SUCH_VARIABLE\" }",
        1,
    );
    refused(&unset, &["NO_SUCH_VARIABLE", "not set"]);
    // The line is named, what stands in it is not: it may be a credential.
    let broken =
        good().replacen("api_key = \"demo-api-key-green-oak\"", "api_key = \"demo-api-key-green-oak", 1);
    let at = broken.lines().position(|line| line.starts_with("api_key")).unwrap() + 1;
    let (line, _) = refused(&broken, &["settings.toml", &format!("line {at}")]);
    assert!(!line.contains("demo-api-key"), "{line}");
    let (_, token) = refused("stores = [", &["settings.toml", "line 1"]);
    fails(&token.each_ref().map(String::as_str), &[], &["settings.toml", "line 1"]);
    let missing = folder.path().join("missing.toml");
    let missing = missing.to_str().unwrap();
    fails(&["--data-dir", data, "--config", missing], &[], &["missing.toml", "cannot read"]);
    fails(
        &["--data-dir", data, "--config", folder.path().to_str().unwrap()],
        &[],
        &["cannot read", "--config"],
    );
    fails(&["token", "--role", "staff", "--data-dir", data], &[], &["--store"]);
    fails(
        &["token", "--role", "pos", "--store", "oak", "--data-dir", data],
        &[],
        &["kiosk, staff, manager and admin"],
    );
    fails(&["tour", "--order", "99", "--data-dir", data], &[], &["no demo order"]);
    let file = write(folder.path(), &good());
    fails(&["tour", "--data-dir", data, "--config", &file], &[], &["--config"]);
}

/// The settings file that the README points to starts a host, as it stands but for its POS.
#[tokio::test(flavor = "multi_thread")]
async fn the_settings_that_are_shown_are_good() {
    let folder = tempfile::tempdir().unwrap();
    let shown =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("data/settings.toml")).unwrap();
    let here = shown.replacen("\"replace-me\"", "\"replace-me\", base_url = \"http://127.0.0.1:1\"", 1);
    assert_ne!(here, shown);
    let file = write(folder.path(), &here);
    let host = Dispensary::start(folder.path(), Some(Path::new(&file)), &[]).await;
    let kiosk = host.client("kiosk", "green-oak");
    assert_eq!(kiosk.get("/api/v1/stores/green-oak/pause").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn surroundings_that_cannot_work_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let host = Dispensary::demo().await;
    let taken = host.base.strip_prefix("http://").unwrap().to_owned();
    fails(&["--listen", &taken, "--data-dir", &path("a")], &[], &[&taken, "--listen"]);

    let file = path("a-file");
    std::fs::write(&file, "not a folder").unwrap();
    fails(&["--listen", "127.0.0.1:0", "--data-dir", &file], &[], &["a-file", "--data-dir"]);
    let below = format!("{file}/below");
    fails(&["--listen", "127.0.0.1:0", "--data-dir", &below], &[], &["a-file/below", "--data-dir"]);
    fails(&["token", "--role", "admin", "--data-dir", &file], &[], &["a-file", "--data-dir"]);

    let data = path("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(format!("{data}/orders.db"), "this is not a database, however long it is ".repeat(200))
        .unwrap();
    fails(&["--listen", "127.0.0.1:0", "--data-dir", &data], &[], &["orders.db", "--data-dir"]);
    std::fs::remove_file(format!("{data}/orders.db")).unwrap();
    std::fs::create_dir(format!("{data}/orders.db")).unwrap();
    fails(&["--listen", "127.0.0.1:0", "--data-dir", &data], &[], &["orders.db", "--data-dir"]);
    std::fs::write(format!("{data}/jwt.key"), "short").unwrap();
    fails(&["token", "--role", "admin", "--data-dir", &data], &[], &["32 bytes"]);

    let wrong = run("dispensary", &["--no-such-flag"], &[]);
    assert!(!wrong.success && wrong.stderr.contains("--no-such-flag"), "{}", wrong.stderr);
    let port = taken.rsplit_once(':').unwrap().1;
    let sims = run("pos_simulators", &["--base-port", port], &[]);
    assert!(!sims.success && sims.stderr.contains(port), "{}", sims.stderr);
    assert_eq!(sims.stderr.trim_end().lines().count(), 1, "{}", sims.stderr);
}
