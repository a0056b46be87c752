//! `#[door]`: a command of the window, and beside it a description of what it takes and answers.
//!
//! The command is Tauri's, unchanged. The description exists in tests only, where `src-tauri/bindings.rs` collects all of
//! them and compares them with what the page was generated from. Arguments are named as Tauri hands them over
//! (`claim_id` is `claimId`); what Tauri itself puts in (`State<…>`) is left out.
//!
//! An argument that is read by hand has the shape that it is read as: `#[door(edits: Vec<Edit>)]`.

use heck::ToLowerCamelCase;
use proc_macro::TokenStream;
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Attribute, Error, Expr, ExprLit, FnArg, Ident, ItemFn, Lit, Meta, Pat, Path, ReturnType, Token, Type,
    parse_macro_input,
};

/// An argument with the shape that stands for its own.
struct Shape {
    name: Ident,
    shape: Type,
}

impl Parse for Shape {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        let name = input.parse()?;
        input.parse::<Token![:]>()?;
        Ok(Self { name, shape: input.parse()? })
    }
}

struct Shapes(Vec<Shape>);

impl Parse for Shapes {
    fn parse(input: ParseStream<'_>) -> Result<Self, Error> {
        Ok(Self(Punctuated::<Shape, Token![,]>::parse_terminated(input)?.into_iter().collect()))
    }
}

/// Marks a function as a command that the page may give.
#[proc_macro_attribute]
pub fn door(shapes: TokenStream, item: TokenStream) -> TokenStream {
    let Shapes(shapes) = parse_macro_input!(shapes as Shapes);
    let command = parse_macro_input!(item as ItemFn);
    let description = description(shapes, &command).unwrap_or_else(|error| error.to_compile_error());
    quote! {
        #[::tauri::command]
        #command
        #description
    }
    .into()
}

fn description(mut shapes: Vec<Shape>, command: &ItemFn) -> Result<proc_macro2::TokenStream, Error> {
    let mut taken = vec![];
    for argument in &command.sig.inputs {
        let FnArg::Typed(argument) = argument else {
            return Err(Error::new_spanned(argument, "a command is a function"));
        };
        let Pat::Ident(name) = &*argument.pat else {
            return Err(Error::new_spanned(&argument.pat, "a command's argument has a name"));
        };
        let by_hand = shapes.iter().position(|s| s.name == name.ident).map(|at| shapes.swap_remove(at).shape);
        if by_hand.is_none() && is_tauris(&argument.ty) {
            continue;
        }
        let (key, shape) =
            (name.ident.to_string().to_lower_camel_case(), by_hand.as_ref().unwrap_or(&argument.ty));
        taken.push(quote!((#key, table.taken::<#shape>())));
    }
    if let Some(left) = shapes.first() {
        return Err(Error::new_spanned(&left.name, "the command takes nothing of this name"));
    }
    let answered = match &command.sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, answer) => quote!(#answer),
    };
    let (name, about) = (command.sig.ident.to_string(), words(&command.attrs));
    let describe = describing(&command.sig.ident);
    Ok(quote! {
        #[cfg(test)]
        pub(crate) fn #describe(table: &mut crate::bindings::Table) {
            let taken: Vec<(&str, schemars::Schema)> = vec![#(#taken),*];
            let answered = table.answered::<#answered>();
            table.command(#name, #about, taken, answered);
        }
    })
}

fn describing(command: &Ident) -> Ident {
    format_ident!("describe_{command}")
}

/// What Tauri hands to a command by itself.
fn is_tauris(shape: &Type) -> bool {
    let Type::Path(path) = shape else { return false };
    path.path.segments.last().is_some_and(|last| {
        ["State", "AppHandle", "Window", "WebviewWindow"].iter().any(|own| last.ident == own)
    })
}

/// The first line of its documentation.
fn words(attributes: &[Attribute]) -> String {
    let first = attributes.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(given) if given.path.is_ident("doc") => match &given.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    first.map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// From the list of commands, the list of what describes them.
#[proc_macro]
pub fn descriptions(commands: TokenStream) -> TokenStream {
    let commands = parse_macro_input!(commands with Punctuated::<Path, Token![,]>::parse_terminated);
    let describing = commands.into_iter().map(|mut path| {
        if let Some(last) = path.segments.last_mut() {
            last.ident = describing(&last.ident);
        }
        path
    });
    quote!([#(#describing),*]).into()
}
