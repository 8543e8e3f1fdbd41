//! What images and profiles of one site say of each other. Says nothing of what
//! it cannot know: a name that could not be read may be the one that is missing.

use super::image::{Hosted, Image};
use super::names::{Declared, nearest};
use super::profile::Profile;
use hooke_places::Problems;

/// Checks images against profiles, both ways; `site` is the path of their site.
pub(super) fn check(
    site: &str,
    images: &[Image],
    image_names: &Declared,
    profiles: &[Profile],
    profile_names: &Declared,
    problems: &mut Problems,
) {
    let hosted = || images.iter().flat_map(|image| image.hosted.iter().flatten());
    for Hosted { profile, at, .. } in hosted().filter(|hosted| profile_names.lacks(&hosted.profile))
    {
        let what = format!("{site}.image.hosts: no profile is named `{profile}`");
        problems.add(at.clone(), what, nearest(profile, profile_names.iter()));
    }
    let hosts_known = images.iter().all(|image| image.hosted.is_some());
    for profile in profiles {
        let Some(name) = profile.name.as_ref() else { continue };
        let hosting: Vec<&Hosted> = hosted().filter(|h| h.profile == name.as_str()).collect();
        if !hosting.is_empty() {
            fits_somewhere(&hosting, profile, problems);
        } else if hosts_known {
            let instead = match image_names.iter().next() {
                Some(image) => {
                    format!("write hosts = {{ {name} = 1 }} in an image, such as `{image}`")
                }
                None => format!("write a [[{site}.image]] with hosts = {{ {name} = 1 }}"),
            };
            problems.add(profile.at.clone(), format!("no image hosts profile `{name}`"), instead);
        }
    }
}

/// A machine whose boot alone is above the maximum could never be launched.
fn fits_somewhere(hosting: &[&Hosted], profile: &Profile, problems: &mut Problems) {
    let boots: Option<Vec<u32>> = hosting.iter().map(|hosted| hosted.workers).collect();
    let (Some(boots), Some(bounds), Some(name)) = (boots, profile.workers, &profile.name) else {
        return;
    };
    let max = bounds.max();
    let Some(least) = boots.into_iter().min().filter(|least| *least > max) else { return };
    problems.add(
        profile.at.clone(),
        format!("profile `{name}` may have {max} workers, and every machine that hosts it starts {least} or more"),
        format!("raise workers.max to {least}, or lower hosts.{name} of an image"),
    );
}
