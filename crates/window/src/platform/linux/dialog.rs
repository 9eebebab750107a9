//! GTK's dialogs for files and folders, or those of the desktop's portal.

use std::cell::RefCell;
use std::rc::Rc;

use gtk::prelude::{Cast, FileChooserExt, FileExt, NativeDialogExt};
use gtk::{FileChooserAction, FileChooserNative, FileFilter, ResponseType};
use tauri::{AppHandle, Manager};
use tokio::sync::oneshot;

use crate::dialog::{FileDialogKind, FileDialogRequest};
use crate::window::MAIN;

/// Shows a dialog over the window; reports what was chosen.
pub(crate) fn show_file_dialog(
    handle: &AppHandle,
    request: FileDialogRequest,
    chosen: oneshot::Sender<Option<String>>,
) {
    let parent = handle.get_window(MAIN).and_then(|window| window.gtk_window().ok());
    let (action, accept) = match request.kind {
        FileDialogKind::File => (FileChooserAction::Open, "Choose"),
        FileDialogKind::Folder => (FileChooserAction::SelectFolder, "Choose"),
        FileDialogKind::Save => (FileChooserAction::Save, "Save"),
    };
    let parent = parent.as_ref().map(Cast::upcast_ref::<gtk::Window>);
    let title = request.title.as_deref();
    let dialog = FileChooserNative::new(title, parent, action, Some(accept), Some("Cancel"));
    dialog.set_modal(true);
    dialog.set_do_overwrite_confirmation(true);
    if let Some(name) = &request.suggested {
        dialog.set_current_name(name);
    }
    if !request.extensions.is_empty() {
        let filter = FileFilter::new();
        request.extensions.iter().for_each(|one| filter.add_pattern(&format!("*.{one}")));
        dialog.add_filter(filter);
    }
    // It lives until it is answered: the answer's handler holds it.
    let held = Rc::new(RefCell::new(Some((dialog.clone(), chosen))));
    dialog.connect_response(move |_, response| {
        let Some((dialog, chosen)) = held.borrow_mut().take() else { return };
        let path = dialog.file().and_then(|file| file.path());
        let path = path.filter(|_| response == ResponseType::Accept);
        let _ = chosen.send(path.map(|path| path.display().to_string()));
    });
    dialog.show();
}
