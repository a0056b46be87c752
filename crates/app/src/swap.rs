//! Swap that is not encrypted: memory of the program, a dictation in it, could be found on the disk after a theft.
//! Linux tells; elsewhere nothing is claimed (macOS encrypts its swap, Windows can).

/// Devices or files of swap that lie on the disk in the clear. None where the system does not tell.
#[must_use]
pub fn unencrypted() -> Vec<String> {
    let swaps = std::fs::read_to_string("/proc/swaps").unwrap_or_default();
    in_the_clear(&swaps, &|device| {
        let name = std::fs::canonicalize(device).ok()?;
        let name = name.file_name()?.to_string_lossy().into_owned();
        std::fs::read_to_string(format!("/sys/class/block/{name}/dm/uuid")).ok()
    })
}

/// From the text of `/proc/swaps`; `mapped` is the device mapper's id of a device, if it is one.
fn in_the_clear(swaps: &str, mapped: &dyn Fn(&str) -> Option<String>) -> Vec<String> {
    swaps
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        // zram is memory itself.
        .filter(|device| !device.contains("zram"))
        .filter(|device| !mapped(device).is_some_and(|id| id.starts_with("CRYPT-")))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::in_the_clear;

    #[test]
    fn only_what_lies_readable_on_the_disk_is_named() {
        let swaps = "Filename Type Size Used Priority\n/dev/dm-1 partition 1 0 -2\n/dev/zram0 partition 1 0 100\n/swapfile file 1 0 -3\n/dev/dm-2 partition 1 0 -4\n";
        let mapped = |device: &str| match device {
            "/dev/dm-1" => Some("CRYPT-LUKS2-abc".to_owned()),
            "/dev/dm-2" => Some("LVM-abc".to_owned()),
            _ => None,
        };
        assert_eq!(in_the_clear(swaps, &mapped), ["/swapfile", "/dev/dm-2"]);
        assert!(in_the_clear("", &mapped).is_empty() && in_the_clear("Filename\n", &mapped).is_empty());
    }
}
