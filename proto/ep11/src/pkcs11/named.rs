//! Numbers with names: one table gives the constants and the texts.

/// Defines a type of numbers: its constants, the name of each, and how it is shown. The table ascends, so that it can be
/// searched.
macro_rules! named_numbers {
    (
        $(#[$about:meta])*
        $type:ident($number:ty), shown as $prefix:literal;
        $($value:literal $name:ident $text:literal;)*
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(pub $number);

        impl $type {
            $(#[doc = concat!("`", $text, "`.")] pub const $name: Self = Self($value);)*

            /// Number and name of each, ascending.
            const NAMES: &[($number, &str)] = &[$(($value, $text)),*];

            /// The name of the constant with this number.
            pub fn name(self) -> Option<&'static str> {
                let found = Self::NAMES.binary_search_by_key(&self.0, |(number, _)| *number).ok()?;
                Self::NAMES.get(found).map(|(_, name)| *name)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, concat!($prefix, " 0x{:08X}"), self.0),
                }
            }
        }

        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(self, f)
            }
        }

        #[cfg(test)]
        mod table {
            use super::$type;

            #[test]
            fn ascends_so_that_it_can_be_searched() {
                assert!($type::NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
                for (number, name) in $type::NAMES {
                    assert_eq!($type(*number).to_string(), *name);
                }
                assert_eq!($type(0x7FFF_FFFF).to_string(), concat!($prefix, " 0x7FFFFFFF"));
            }
        }
    };
}

pub(super) use named_numbers;
