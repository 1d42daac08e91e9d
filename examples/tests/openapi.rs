//! `/openapi.json` against the host that serves it: every described call is there, and real answers have the
//! described shapes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "pages_support/host.rs"]
mod host;

use std::collections::BTreeSet;

use host::Host;
use serde_json::{Value, json};

const STORE: &str = "/api/v1/stores/treez";

fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(place) => document.pointer(place.trim_start_matches('#')).expect("a shape that is there"),
        None => schema,
    }
}

/// Everything in which a value is not as described. What is not described counts too: a reader of the document
/// would not know of it.
fn faults(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolve(document, schema);
    for word in ["oneOf", "anyOf"] {
        if let Some(forms) = schema[word].as_array() {
            let fits = |form: &&Value| faults(document, form, value, at).is_empty();
            let tried = || forms.iter().flat_map(|form| faults(document, form, value, at)).collect();
            return if forms.iter().any(|form| fits(&form)) { Vec::new() } else { tried() };
        }
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => vec![kind],
    };
    let fits = kinds.contains(&kind) || (kind == "integer" && kinds.contains(&"number"));
    if !fits {
        return vec![format!("{at}: {kind}, described as {kinds:?}")];
    }
    if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        return vec![format!("{at}: {value} is not one of the described words")];
    }
    let mut found = Vec::new();
    if let Some(items) = value.as_array() {
        for (place, item) in items.iter().enumerate() {
            found.extend(faults(document, &schema["items"], item, &format!("{at}.{place}")));
        }
    }
    if let Some(fields) = value.as_object() {
        let open = &schema["additionalProperties"];
        for (name, field) in fields {
            let place = format!("{at}.{name}");
            match (&schema["properties"][name], open) {
                (Value::Null, Value::Null) if schema["type"].is_null() => {}
                (Value::Null, Value::Null) => found.push(format!("{place}: not described")),
                (Value::Null, open) => found.extend(faults(document, open, field, &place)),
                (described, _) => found.extend(faults(document, described, field, &place)),
            }
        }
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !fields.contains_key(name) {
                found.push(format!("{at}.{name}: described as always there, and missing"));
            }
        }
    }
    found
}

struct Reader {
    host: Host,
    document: Value,
    seen: BTreeSet<(String, String)>,
}

impl Reader {
    /// Makes a call and holds its answer against what the document says about that call and that status.
    async fn call(
        &mut self,
        role: Option<&str>,
        method: &str,
        path: &str,
        template: &str,
        body: Option<Value>,
    ) -> (u16, Value) {
        let (status, answer) = self.host.call(role, method, path, body).await;
        let described =
            &self.document["paths"][template][method.to_lowercase()]["responses"][status.to_string()];
        let content = described["content"].as_object();
        let content =
            content.unwrap_or_else(|| panic!("{method} {path}: {status} is not described: {answer}"));
        let schema = &content.values().next().unwrap()["schema"];
        let found = faults(&self.document, schema, &answer, "answer");
        assert!(found.is_empty(), "{method} {path} {status}: {found:#?}\n{answer:#}");
        self.seen.insert((method.to_owned(), template.to_owned()));
        (status, answer)
    }
}

fn draft(first: &str, last: &str, birth_date: &str, quantity: u32) -> Value {
    json!({
        "customer": { "first_name": first, "last_name": last, "birth_date": birth_date, "type": "adult" },
        "items": [{ "product_id": "24422850-abc3-4525-9567-e2fd4bd0adcb", "quantity": quantity }],
        "note": "ring twice",
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_described_call_is_there_and_named_once() {
    let host = Host::start();
    let (status, document) = host.call(None, "GET", "/openapi.json", None).await;
    assert_eq!((status, &document["openapi"]), (200, &json!("3.1.0")));
    let (mut names, mut calls) = (BTreeSet::new(), 0);
    for (template, methods) in document["paths"].as_object().unwrap() {
        for (method, call) in methods.as_object().unwrap() {
            calls += 1;
            let name = call["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} stands for two calls");
            assert!(!call["summary"].as_str().unwrap().is_empty());
            let parameters = call["parameters"].as_array().map_or(&[][..], Vec::as_slice);
            for place in template.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
                assert!(
                    parameters.iter().any(|known| known["name"] == place && known["in"] == "path"),
                    "{template}"
                );
            }
            // Nobody may do anything, so nothing happens; what matters is that somebody is there to say so.
            let path = template.replace("{store}", "treez").replace("{file}", "base.css");
            let path =
                path.replace("{id}", "0190a000-0000-7000-8000-000000000000").replace("{code}", "0000-0000");
            let (status, answer) = host.call(None, &method.to_uppercase(), &path, None).await;
            assert_ne!(answer["detail"], "there is nothing at this address", "{method} {template}");
            assert_ne!(status, 405, "{method} {template}");
            let open = call["security"] == json!([{}]);
            assert_eq!(status == 401, !open, "{method} {template}: {status}");
        }
    }
    assert!(calls >= 18, "{calls}");
    let mut places = Vec::new();
    references(&document, &mut places);
    for place in places {
        assert!(document.pointer(place.trim_start_matches('#')).is_some(), "{place} leads nowhere");
    }
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_their_files_carry_a_strict_policy() {
    let host = Host::start();
    let get = async |address: &str| reqwest::get(address).await.unwrap();
    for (path, role) in [("/kiosk/treez", "kiosk"), ("/staff/treez", "staff"), ("/track/0000-0000", "staff")]
    {
        let response = get(&host.page(path, role)).await;
        let headers = response.headers().clone();
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        let page = response.text().await.unwrap();
        assert!(!page.contains("style=") && !page.contains("://"), "{path} is plain and whole");
        let files = page.split(['"', '\'']).filter(|word| word.starts_with("/assets/"));
        for file in files {
            let response = get(&format!("{}{file}", host.base)).await;
            assert_eq!(response.status(), 200, "{file}");
            let text = response.text().await.unwrap();
            for import in text.lines().filter_map(|line| line.split_once("from './")?.1.strip_suffix("';")) {
                let imported = get(&format!("{}/assets/{import}", host.base)).await;
                assert_eq!(imported.headers()["content-type"], "text/javascript; charset=utf-8", "{import}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_as_described() {
    let host = Host::start();
    let (_, document) = host.call(None, "GET", "/openapi.json", None).await;
    let mut reader = Reader { host, document, seen: BTreeSet::new() };
    let store = "/api/v1/stores/{store}";
    let (kiosk, staff) = (Some("kiosk"), Some("staff"));
    let at = |rest: &str| (format!("{STORE}{rest}"), format!("{store}{rest}"));

    for health in ["/healthz", "/readyz"] {
        reader.call(None, "GET", health, health, None).await;
    }
    let (path, template) = at("/products");
    reader.call(kiosk, "GET", &path, &template, None).await;
    assert_eq!(reader.call(None, "GET", &path, &template, None).await.0, 401);
    let (path, template) = at("/quote");
    reader.call(kiosk, "POST", &path, &template, Some(draft("Ada", "Byron", "1985-12-10", 1))).await;
    let (status, problem) = reader.call(kiosk, "POST", &path, &template, Some(draft("", "", "x", 0))).await;
    assert_eq!((status, problem["errors"].as_array().unwrap().len()), (422, 4));
    let (path, template) = (format!("{STORE}/discounts/SPRING"), format!("{store}/discounts/{{code}}"));
    let (status, problem) = reader.call(kiosk, "GET", &path, &template, None).await;
    assert_eq!((status, &problem["type"]), (404, &json!("/problems/not-offered")));

    let (path, template) = (format!("{STORE}/orders?wait_ms=20000"), format!("{store}/orders"));
    let (_, order) =
        reader.call(kiosk, "POST", &path, &template, Some(draft("Ada", "Byron", "1985-12-10", 2))).await;
    // A customer the POS will not sell to.
    let mut banned = draft("Rex", "Barrow", "1980-01-20", 1);
    banned["customer"]["phone"] = "4155550116".into();
    let (status, refused) = reader.call(kiosk, "POST", &path, &template, Some(banned)).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (422, &json!("customer_banned")));
    // A customer the POS cannot take up without a birth date: an order that needs a person.
    let mut stranger = draft("Nova", "Quill", "", 1);
    stranger["customer"]["phone"] = "4155550199".into();
    let (_, stuck) = reader.call(kiosk, "POST", &path, &template, Some(stranger)).await;
    assert_eq!(stuck["pos"]["attention"]["code"], "refused", "{stuck:#}");
    reader.call(staff, "GET", &format!("{STORE}/orders?attention=true"), &template, None).await;

    let id = order["id"].as_str().unwrap();
    let one = |rest: &str| (format!("/api/v1/orders/{id}{rest}"), format!("/api/v1/orders/{{id}}{rest}"));
    let (path, template) = one("/items");
    let items = json!([{ "product_id": "24422850-abc3-4525-9567-e2fd4bd0adcb", "quantity": 3 }]);
    let change = json!({ "version": order["version"], "items": items });
    let (_, order) = reader.call(staff, "PATCH", &path, &template, Some(change)).await;
    let more = json!([{ "product_id": "fc30eb76-3016-4fd1-8f65-5972f9e8fa2c", "quantity": 1 }]);
    let change = json!({ "version": order["version"], "items": more });
    let (_, order) = reader.call(staff, "POST", &path, &template, Some(change)).await;
    assert_eq!(order["items"].as_array().unwrap().len(), 2);
    let (path, template) = one("");
    let (_, order) = reader.call(staff, "GET", &path, &template, None).await;
    assert!(order["actions"].as_array().unwrap().contains(&json!({ "action": "cancel", "need": "reason" })));
    let actions = order["actions"].as_array().unwrap();
    assert!(
        !actions.iter().any(|next| next["action"] == "dispatch" || next["action"] == "remove"),
        "{actions:?}"
    );
    let (path, template) = one("/actions");
    let start = json!({ "action": "start", "version": order["version"] });
    let (_, order) = reader.call(staff, "POST", &path, &template, Some(start.clone())).await;
    assert_eq!(reader.call(staff, "POST", &path, &template, Some(start)).await.0, 409);
    let short = json!([
        { "line": order["items"][0]["id"], "pick": "short", "supplied": 1 },
        { "line": order["items"][1]["id"], "pick": "picked" },
    ]);
    let pick = json!({ "action": "pick", "version": order["version"], "lines": short });
    reader.call(staff, "POST", &path, &template, Some(pick)).await;
    let (path, template) = one("/pos");
    reader.call(staff, "POST", &path, &template, Some(json!({ "action": "link" }))).await;
    let (path, template) = one("/history");
    reader.call(staff, "GET", &path, &template, None).await;
    let (path, template) = at("/slots");
    reader.call(kiosk, "GET", &path, &template, None).await;
    let (path, template) = at("/pause");
    reader.call(staff, "POST", &path, &template, Some(json!({ "until": "2099-01-01T00:00:00Z" }))).await;
    reader.call(kiosk, "GET", &path, &template, None).await;
    let (menu, described) = at("/products");
    assert_eq!(reader.call(kiosk, "GET", &menu, &described, None).await.1["store"]["paused"], true);
    let (quote, described) = at("/quote");
    let paused = Some(draft("Ada", "Byron", "1985-12-10", 1));
    let (status, problem) = reader.call(kiosk, "POST", &quote, &described, paused).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (422, &json!("store_paused")));
    reader.call(staff, "DELETE", &path, &template, None).await;
    let (path, template) = at("/orders/batch");
    let both = json!({ "ids": [id, stuck["id"]], "action": "pack" });
    let (_, results) = reader.call(staff, "POST", &path, &template, Some(both)).await;
    assert_eq!((&results[0]["ok"], &results[1]["ok"]), (&json!(true), &json!(false)), "{results:#}");
    let path = format!("/api/v1/track/{}", order["code"].as_str().unwrap());
    reader.call(None, "GET", &path, "/api/v1/track/{code}", None).await;

    let api = |template: &&String| template.starts_with("/api/");
    for (template, methods) in
        reader.document["paths"].as_object().unwrap().iter().filter(|(path, _)| api(path))
    {
        for method in methods.as_object().unwrap().keys() {
            let call = (method.to_uppercase(), template.clone());
            assert!(reader.seen.contains(&call), "{call:?} was not tried");
        }
    }
}
