-- What a cycle is about to do, before it does it: gone as soon as the cycle is recorded. What is found here at a start
-- belongs to a daemon that was killed in between.
CREATE TABLE begun (
  tick  INTEGER PRIMARY KEY,
  body  BLOB NOT NULL                     -- the decision so far, without what was sensed: JSON, deflated
) STRICT;
