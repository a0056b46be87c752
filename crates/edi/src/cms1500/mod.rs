//! CMS-1500 (02/12): every item as JSON, on a pre-printed form, or drawn plainly to be read. What does not fit is said,
//! not cut; a seventh line goes to a further page.

mod fill;
mod layout;
pub mod pdf;
mod texts;

pub use fill::{Filled, Form, Page, fill};
pub use layout::{LINES_A_PAGE, Spot};
pub use pdf::{Print, Shift, print, test_page};
