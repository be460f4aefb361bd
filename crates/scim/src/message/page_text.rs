//! A page of results whose resources are text already.

use serde_json::{Map, Value};

/// Writes a page up to its first resource. `head` is one of [`super::list_response_head`] and
/// [`super::cursor_list_response_head`]; resources follow, separated by commas, then [`end_page`].
pub fn begin_page(head: &Map<String, Value>) -> serde_json::Result<Vec<u8>> {
    let mut page = serde_json::to_vec(head)?;
    // The head is never empty, and the resources stand at its end.
    page.pop();
    page.extend_from_slice(b",\"Resources\":[");
    Ok(page)
}

/// Writes what stands behind the last resource.
pub fn end_page(page: &mut Vec<u8>) {
    page.extend_from_slice(b"]}");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{
        PageCursors, cursor_list_response, cursor_list_response_head, list_response, list_response_head,
    };
    use super::*;

    fn page(head: &Map<String, Value>, resources: &[&str]) -> String {
        let mut page = begin_page(head).unwrap();
        page.extend_from_slice(resources.join(",").as_bytes());
        end_page(&mut page);
        String::from_utf8(page).unwrap()
    }

    #[test]
    fn text_and_values_give_the_same_page() {
        for (texts, values) in [(&[][..], vec![]), (&["{\"id\":\"1\"}", "{}"], vec![json!({ "id": "1" }), json!({})])] {
            let (items, cursors) = (texts.len(), PageCursors { previous: None, next: Some("n\"".to_owned()) });
            assert_eq!(page(&list_response_head(7, 3, items), texts), list_response(7, 3, values.clone()).to_string());
            assert_eq!(
                page(&cursor_list_response_head(None, cursors.clone(), items), texts),
                cursor_list_response(None, cursors, values).to_string()
            );
        }
    }
}
