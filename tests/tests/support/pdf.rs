//! Small PDF files made for tests: words at places, rules, pictures, and what does not belong into a policy.
#![allow(dead_code, reason = "each test file uses its part")]

/// What stands on a page; places in points from the top left corner of a Letter page.
pub enum Mark {
    /// Words: x, y, size, bold.
    Words(f32, f32, f32, bool, String),
    /// A horizontal rule: from, to, y.
    Rule(f32, f32, f32),
    /// A grey picture over most of the page.
    Picture,
}

pub fn words(x: f32, y: f32, text: &str) -> Mark {
    Mark::Words(x, y, 10.0, false, text.to_owned())
}

pub fn heading(x: f32, y: f32, text: &str) -> Mark {
    Mark::Words(x, y, 12.0, true, text.to_owned())
}

/// A file of these pages; `catalogue` is put into its catalogue, `content` before the first page's marks.
pub fn document(pages: &[Vec<Mark>], catalogue: &str, trailer: &str) -> Vec<u8> {
    let mut objects: Vec<Vec<u8>> = vec![];
    let kids: Vec<String> = (0..pages.len()).map(|p| format!("{} 0 R", 6 + 2 * p)).collect();
    objects.push(format!("<< /Type /Catalog /Pages 2 0 R {catalogue} >>").into_bytes());
    objects
        .push(format!("<< /Type /Pages /Count {} /Kids [{}] >>", pages.len(), kids.join(" ")).into_bytes());
    objects
        .push(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec());
    objects.push(
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>".to_vec(),
    );
    let picture = "<< /Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 4 >>\nstream\n";
    objects.push([picture.as_bytes(), &[0, 255, 255, 0], b"\nendstream"].concat());
    for (at, page) in pages.iter().enumerate() {
        objects.push(
            format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R /Resources << /Font << /F1 3 0 R /F2 4 0 R >> /XObject << /P 5 0 R >> >> >>", 7 + 2 * at)
                .into_bytes(),
        );
        let content: String = page.iter().map(paint).collect();
        objects.push(stream("", content.as_bytes()));
    }
    file(&objects, trailer)
}

/// A file of numbered objects, the first its catalogue.
pub fn file(objects: &[Vec<u8>], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut places = vec![];
    for (number, object) in objects.iter().enumerate() {
        places.push(out.len());
        out.extend(format!("{} 0 obj\n", number + 1).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in &places {
        out.extend(format!("{place:010} 00000 n \n").bytes());
    }
    out.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        )
        .bytes(),
    );
    out
}

pub fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    let mut out = format!("<< /Length {} {dictionary} >>\nstream\n", data.len()).into_bytes();
    out.extend(data);
    out.extend(b"\nendstream");
    out
}

fn paint(mark: &Mark) -> String {
    match mark {
        Mark::Words(x, y, size, bold, text) => {
            let font = if *bold { "F2" } else { "F1" };
            let text = text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)");
            format!("BT /{font} {size} Tf {x} {} Td ({text}) Tj ET\n", 792.0 - y)
        }
        Mark::Rule(from, to, y) => format!("0.5 w {from} {0} m {to} {0} l S\n", 792.0 - y),
        Mark::Picture => "q 500 0 0 600 50 100 cm /P Do Q\n".to_owned(),
    }
}
