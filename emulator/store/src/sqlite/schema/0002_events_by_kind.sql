-- Each entry ends with the event's id: the newest events of a kind are found without looking at any other.
CREATE INDEX events_by_kind ON events (kind);
