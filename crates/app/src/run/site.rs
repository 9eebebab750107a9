//! What the gateway is told of a plan.

use ensconce_gateway::{Allowed, Limits, Root, Route, Site, StaticSite};
use ensconce_plan::{Plan, UiRoot};

use crate::error::AppError;

/// Makes the gateway's site.
pub(crate) fn site(plan: &Plan) -> Result<Site, AppError> {
    let ui = &plan.ui;
    let root = match &ui.root {
        UiRoot::Static { folder, .. } if !folder.is_dir() => {
            return Err(AppError::NoPages(folder.clone()));
        }
        UiRoot::Static { folder, fallback } => {
            Root::Static(StaticSite { folder: folder.clone(), fallback: fallback.clone() })
        }
        UiRoot::Service(service) => Root::Service(service.clone()),
        UiRoot::Url(url) => Root::Remote(url.parse().map_err(|_| bad("url", url))?),
    };
    Ok(Site {
        app: plan.app.name.clone(),
        origin: ui.origin.parse().map_err(|_| bad("origin", &ui.origin))?,
        root,
        routes: plan.routes.iter().map(route).collect::<Result<_, _>>()?,
        allow: ui.allow.iter().map(|text| allowed(text)).collect::<Result<_, _>>()?,
        start_path: ui.path.clone(),
        // Known to whoever serves it.
        settings: None,
        limits: Limits::default(),
    })
}

fn route(route: &ensconce_plan::RoutePlan) -> Result<Route, AppError> {
    let host = route.host.as_ref().map(|host| host.parse().map_err(|_| bad("host", host)));
    Ok(Route {
        host: host.transpose()?,
        path: route.path.clone(),
        service: route.service.clone(),
        strip: route.strip,
    })
}

fn allowed(text: &str) -> Result<Allowed, AppError> {
    text.parse().map_err(|_| bad("allow", text))
}

fn bad(key: &str, value: &str) -> AppError {
    AppError::Site(format!("`{key}` holds no usable address: {value}"))
}
