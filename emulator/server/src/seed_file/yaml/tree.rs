//! From a parser's events to a tree of bounded size.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle};
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::{Fault, Position};

/// A YAML document.
pub(in crate::seed_file) struct Tree(Rc<Node>);

/// A value and where it stands. What an alias names stands where its anchor is.
pub(super) struct Node {
    pub(super) at: Position,
    pub(super) content: Content,
    /// Values in it, itself included, aliases counted as what they stand for.
    size: usize,
    /// Levels of lists and mappings, itself included.
    depth: usize,
}

pub(super) enum Content {
    Scalar(Scalar),
    Sequence(Vec<Rc<Node>>),
    /// Keys are distinct.
    Mapping(Vec<Entry>),
}

pub(super) struct Scalar {
    pub(super) text: Zeroizing<String>,
    /// Without quotes: it may be a number, a truth value or nothing.
    pub(super) plain: bool,
}

pub(super) struct Entry {
    pub(super) key: String,
    pub(super) at: Position,
    pub(super) value: Rc<Node>,
}

impl Tree {
    /// Reads the one document of a text.
    ///
    /// # Errors
    /// [`Fault`] with its place: syntax, tags, equal keys, keys that are not text, an empty text, several documents, or a
    /// document that is too deep or, aliases replaced, too large.
    pub(in crate::seed_file) fn parse(text: &str) -> Result<Self, Fault> {
        let mut builder = Builder::default();
        for event in Parser::new_from_str(text) {
            let (event, span) =
                event.map_err(|error| Fault::new(error.info().to_owned()).at(position(*error.marker())))?;
            builder.take(event, position(span.start))?;
        }
        let nothing = || Fault::new("the file is empty").at(Position { line: 1, column: 1 });
        builder.root.map(Tree).ok_or_else(nothing)
    }

    /// The document as a value.
    ///
    /// # Errors
    /// [`Fault`] with field and place.
    pub(in crate::seed_file) fn read<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        T::deserialize(&*self.0).map_err(|fault| fault.at(self.0.at))
    }

    /// Where `instances[0].units[1].kind` stands; where a part of the path is missing, what it would be in.
    pub(in crate::seed_file) fn find(&self, field: &str) -> Position {
        let mut node = &self.0;
        for step in field.split(['.', '[']).filter(|step| !step.is_empty()) {
            let next = match &node.content {
                Content::Scalar(_) => None,
                Content::Sequence(items) => step
                    .strip_suffix(']')
                    .and_then(|index| index.parse().ok())
                    .and_then(|index: usize| items.get(index)),
                Content::Mapping(entries) => entries.iter().find(|entry| entry.key == step).map(|entry| &entry.value),
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        node.at
    }
}

/// A tree in the making.
#[derive(Default)]
struct Builder {
    root: Option<Rc<Node>>,
    /// From the outermost to the innermost.
    open: Vec<Open>,
    anchors: HashMap<usize, Rc<Node>>,
    size: usize,
    documents: usize,
}

/// A list or mapping whose end has not come.
struct Open {
    at: Position,
    anchor: usize,
    inside: Inside,
}

enum Inside {
    Sequence(Vec<Rc<Node>>),
    Mapping { entries: Vec<Entry>, key: Option<(String, Position)> },
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: Position) -> Result<(), Fault> {
        match event {
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                Err(Fault::new("tags (!name) have no meaning here").at(at))
            }
            Event::DocumentStart(_) if self.documents > 0 => {
                Err(Fault::new("a second document; the file has only one").at(at))
            }
            Event::DocumentStart(_) => {
                self.documents += 1;
                Ok(())
            }
            Event::Scalar(text, style, anchor, None) => {
                self.count(1, at)?;
                let text = Zeroizing::new(text.into_owned());
                let scalar = Scalar { text, plain: style == ScalarStyle::Plain };
                let node = Node { at, content: Content::Scalar(scalar), size: 1, depth: 0 };
                self.finish(node, anchor, at)
            }
            Event::SequenceStart(anchor, None) => self.begin(at, anchor, Inside::Sequence(Vec::new())),
            Event::MappingStart(anchor, None) => {
                self.begin(at, anchor, Inside::Mapping { entries: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let node = self.anchors.get(&anchor).cloned();
                let node = node.ok_or_else(|| Fault::new("the alias is inside of what it stands for").at(at))?;
                self.count(node.size, at)?;
                self.add(node, at)
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
        }
    }

    fn count(&mut self, values: usize, at: Position) -> Result<(), Fault> {
        self.size = self.size.saturating_add(values);
        if self.size > MOST_VALUES {
            let why = format!("more than {MOST_VALUES} values, aliases counted as what they stand for");
            return Err(Fault::new(why).at(at));
        }
        Ok(())
    }

    fn begin(&mut self, at: Position, anchor: usize, inside: Inside) -> Result<(), Fault> {
        self.count(1, at)?;
        self.open.push(Open { at, anchor, inside });
        if self.open.len() > DEEPEST { Err(too_deep(at)) } else { Ok(()) }
    }

    fn end(&mut self) -> Result<(), Fault> {
        let Some(Open { at, anchor, inside }) = self.open.pop() else { return Ok(()) };
        let content = match inside {
            Inside::Sequence(items) => Content::Sequence(items),
            Inside::Mapping { entries, .. } => {
                let mut keys = BTreeSet::new();
                if let Some(twice) = entries.iter().find(|entry| !keys.insert(entry.key.as_str())) {
                    return Err(Fault::new("is given twice").in_key(&twice.key).at(twice.at));
                }
                Content::Mapping(entries)
            }
        };
        let children: Box<dyn Iterator<Item = &Rc<Node>>> = match &content {
            Content::Scalar(_) => Box::new(std::iter::empty()),
            Content::Sequence(items) => Box::new(items.iter()),
            Content::Mapping(entries) => Box::new(entries.iter().map(|entry| &entry.value)),
        };
        let (size, depth) = children.fold((1, 0), |(size, depth): (usize, usize), child| {
            (size.saturating_add(child.size), depth.max(child.depth))
        });
        self.finish(Node { at, content, size, depth: depth + 1 }, anchor, at)
    }

    fn finish(&mut self, node: Node, anchor: usize, at: Position) -> Result<(), Fault> {
        let node = Rc::new(node);
        if anchor != NO_ANCHOR {
            self.anchors.insert(anchor, node.clone());
        }
        self.add(node, at)
    }

    /// Puts a complete node into what is open.
    fn add(&mut self, node: Rc<Node>, at: Position) -> Result<(), Fault> {
        if self.open.len() + node.depth > DEEPEST {
            return Err(too_deep(at));
        }
        match self.open.last_mut().map(|open| &mut open.inside) {
            None => self.root = Some(node),
            Some(Inside::Sequence(items)) => items.push(node),
            Some(Inside::Mapping { entries, key }) => match key.take() {
                Some((key, at)) => entries.push(Entry { key, at, value: node }),
                None => match &node.content {
                    Content::Scalar(scalar) => *key = Some((scalar.text.to_string(), at)),
                    Content::Sequence(_) | Content::Mapping(_) => return Err(Fault::new("a key is a text").at(at)),
                },
            },
        }
        Ok(())
    }
}

fn too_deep(at: Position) -> Fault {
    Fault::new(format!("more than {DEEPEST} levels of lists and mappings")).at(at)
}

fn position(marker: Marker) -> Position {
    Position { line: marker.line().max(1), column: marker.col() + 1 }
}

/// How the parser says that there is none.
const NO_ANCHOR: usize = 0;

/// Levels of lists and mappings; a seed file needs seven.
const DEEPEST: usize = 32;

/// Values of a document; an instance of four units with two administrators each has some 60.
const MOST_VALUES: usize = 200_000;
