//! Names that people give.

use crate::AppError;

const LONGEST_NAME: usize = 128;

/// The name without space around it. `of`: "a connection".
pub(crate) fn check_name(of: &str, name: &str) -> Result<String, AppError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
        return Err(AppError::InvalidInput(format!(
            "the name of {of} has 1 to {LONGEST_NAME} characters, none of them control characters"
        )));
    }
    Ok(name.to_owned())
}
