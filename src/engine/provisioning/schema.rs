//! What provisioners and connections may have in them.

use crate::engine::schemas::BlockSchema;
use crate::lang::value::{Type, Value};
use crate::provider::schema::{Attribute, Block};
use std::sync::{Arc, LazyLock};

/// The provisioners there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A command on this machine.
    LocalExec,
    /// Commands on the other machine.
    RemoteExec,
    /// A file or folder to the other machine.
    File,
}

impl Kind {
    /// All names.
    pub(super) const NAMES: [&str; 3] = ["local-exec", "remote-exec", "file"];

    /// By name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "local-exec" => Kind::LocalExec,
            "remote-exec" => Kind::RemoteExec,
            "file" => Kind::File,
            _ => return None,
        })
    }

    /// Whether it needs a connection.
    pub(super) fn is_remote(self) -> bool {
        self != Kind::LocalExec
    }

    /// Its arguments.
    pub(super) fn schema(self) -> &'static BlockSchema {
        match self {
            Kind::LocalExec => &LOCAL_EXEC,
            Kind::RemoteExec => &REMOTE_EXEC,
            Kind::File => &FILE,
        }
    }

    /// What the schema cannot say: which arguments go together. Unknown ones pass.
    pub(super) fn check(self, config: &Value) -> Result<(), String> {
        let is_set = |name: &&str| config.get(name).is_some_and(|v| !v.is_null());
        let one_of = |names: &[&str], message: &str| match names.iter().filter(|n| is_set(n)).count() {
            1 => Ok(()),
            _ => Err(message.to_owned()),
        };
        let filled = |name: &str| {
            let items = config.get(name).and_then(Value::elements).unwrap_or_default();
            match items.iter().position(|v| v.is_null() || v.as_str() == Some("")) {
                Some(at) => Err(format!("element {at} of \"{name}\" must not be null or empty")),
                None => Ok(()),
            }
        };
        match self {
            Kind::LocalExec => match config.get("command").and_then(Value::as_str) {
                Some("") => Err("the \"command\" must not be empty".to_owned()),
                _ => Ok(()),
            },
            Kind::RemoteExec => {
                let message = "Only one of \"inline\", \"script\", or \"scripts\" must be set";
                one_of(&["inline", "script", "scripts"], message)?;
                filled("scripts")
            }
            Kind::File => one_of(&["source", "content"], "Must provide one of 'source' or 'content'"),
        }
    }
}

fn block<const N: usize>(attributes: [(&str, Type, bool); N]) -> BlockSchema {
    let attributes = attributes.into_iter().map(|(name, ty, required)| {
        let attribute = Attribute {
            ty,
            required,
            optional: !required,
            computed: false,
            sensitive: false,
            write_only: false,
            deprecated: false,
        };
        (Arc::from(name), attribute)
    });
    BlockSchema::of(&Block { attributes: attributes.collect(), ..Block::default() })
}

static LOCAL_EXEC: LazyLock<BlockSchema> = LazyLock::new(|| {
    block([
        ("command", Type::String, true),
        ("interpreter", Type::list(Type::String), false),
        ("working_dir", Type::String, false),
        ("environment", Type::map(Type::String), false),
        ("quiet", Type::Bool, false),
    ])
});

static REMOTE_EXEC: LazyLock<BlockSchema> = LazyLock::new(|| {
    block([
        ("inline", Type::list(Type::String), false),
        ("script", Type::String, false),
        ("scripts", Type::list(Type::String), false),
    ])
});

static FILE: LazyLock<BlockSchema> = LazyLock::new(|| {
    block([("source", Type::String, false), ("content", Type::String, false), ("destination", Type::String, true)])
});

/// `connection`, for every type of connection at once, as Terraform has it.
pub(super) static CONNECTION: LazyLock<BlockSchema> = LazyLock::new(|| {
    let (text, number, truth) = (Type::String, Type::Number, Type::Bool);
    block([
        ("type", text.clone(), false),
        ("user", text.clone(), false),
        ("password", text.clone(), false),
        ("host", text.clone(), true),
        ("port", number.clone(), false),
        ("timeout", text.clone(), false),
        ("script_path", text.clone(), false),
        ("target_platform", text.clone(), false),
        ("private_key", text.clone(), false),
        ("certificate", text.clone(), false),
        ("host_key", text.clone(), false),
        ("agent", truth.clone(), false),
        ("agent_identity", text.clone(), false),
        ("proxy_scheme", text.clone(), false),
        ("proxy_host", text.clone(), false),
        ("proxy_port", number.clone(), false),
        ("proxy_user_name", text.clone(), false),
        ("proxy_user_password", text.clone(), false),
        ("bastion_user", text.clone(), false),
        ("bastion_password", text.clone(), false),
        ("bastion_private_key", text.clone(), false),
        ("bastion_certificate", text.clone(), false),
        ("bastion_host", text.clone(), false),
        ("bastion_host_key", text.clone(), false),
        ("bastion_port", number, false),
        ("https", truth.clone(), false),
        ("insecure", truth.clone(), false),
        ("cacert", text, false),
        ("use_ntlm", truth, false),
    ])
});
