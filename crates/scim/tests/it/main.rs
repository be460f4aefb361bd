//! What other crates see of `scim`: its public functions, used together.

#[cfg(test)]
mod filter;
#[cfg(test)]
mod fuzz_filter;
#[cfg(test)]
mod fuzz_patch;
#[cfg(test)]
mod fuzz_path;
#[cfg(test)]
mod fuzz_v1;
#[cfg(test)]
mod message_from_bytes;
#[cfg(test)]
mod normal_form;
#[cfg(test)]
mod normalize;
#[cfg(test)]
mod own_schema;
#[cfg(test)]
mod patch;
#[cfg(test)]
mod path;
#[cfg(test)]
mod projection;
#[cfg(test)]
mod projection_text;
#[cfg(test)]
mod scraps;
