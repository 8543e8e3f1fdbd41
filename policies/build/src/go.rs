//! Policies in Go. Runs nothing but tools from the tools' directory.

use crate::{BuildError, Project, Step, Tools};

/// Builds a project in Go.
pub(crate) fn build(
    project: &Project,
    _tools: &Tools,
    _progress: &dyn Fn(Step),
) -> Result<Vec<u8>, BuildError> {
    Err(BuildError::Sources {
        tool: "hooke".to_owned(),
        project: project.directory().to_owned(),
        output: "policies in Go cannot be built by this version of Hooke".to_owned(),
    })
}
