//! What belongs together in a live account: the result of [`super::Provider::discover`].

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

/// Something that could not be read, or that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What it is: `targets of event rule shop-start`.
    pub what: String,
    /// Why it is missing, a sentence.
    pub why: String,
    /// The IAM action the caller was denied, such as `events:ListTargetsByRule`.
    pub denied: Option<String>,
}
