//! What belongs together in a live account: the result of [`super::Provider::discover`].

/// How far a search goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// What belongs to the object and can be kept in configuration: for writing it down.
    Belonging,
    /// Also what has to do with it: what is shared with others, what has its default settings, and what configuration cannot hold. For looking
    /// it over, where something unseen would make the picture wrong.
    Concerning,
}

/// Objects that belong to one, found by following what they say of each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// Objects that can be imported, in the order they were found: what was asked for first.
    pub found: Vec<Found>,
    /// What belongs to it but is not among `found`, each with the reason.
    pub missing: Vec<Missing>,
}

/// An object that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Resource type, such as `aws_iam_role`.
    pub type_name: &'static str,
    /// Its import id.
    pub id: String,
    /// What people call it: a good name for its resource block once it is made an identifier.
    pub name: String,
    /// How it was come upon: `service role of pipeline shop`.
    pub because: String,
}

/// A message without what is another in each run: the id of the request that was answered.
pub fn lasting(text: &str) -> &str {
    text.rfind(" (request id ").and_then(|at| text.get(..at)).unwrap_or(text)
}

/// Something that could not be read, or that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What it is: `targets of event rule shop-start`.
    pub what: String,
    /// Why it is missing, a sentence.
    pub why: String,
    /// The IAM action the caller was denied, such as `events:ListTargetsByRule`.
    pub denied: Option<String>,
    /// Resource types of which there may be objects that were not seen because of it; none where what is missing is known by name.
    pub types: Vec<&'static str>,
}
