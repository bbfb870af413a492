-- Reasons are data: "_code" columns hold {"code": …, parameters} as JSON (model/reason.ts); the text beside them is the
-- sentence in English, and in Spanish in "_es". Rows of an earlier version have only prose, and null in the new columns.
ALTER TABLE cycle ADD COLUMN because_code TEXT;
ALTER TABLE cycle ADD COLUMN because_es TEXT;
ALTER TABLE container ADD COLUMN removed_because_code TEXT;  -- removed_because holds text of earlier versions only
ALTER TABLE container_sample ADD COLUMN because_code TEXT;
ALTER TABLE container_sample ADD COLUMN because_es TEXT;
ALTER TABLE action ADD COLUMN because_code TEXT;
ALTER TABLE action ADD COLUMN because_es TEXT;
ALTER TABLE action ADD COLUMN detail_code TEXT;
ALTER TABLE action ADD COLUMN detail_es TEXT;
ALTER TABLE fault ADD COLUMN message_code TEXT;
ALTER TABLE fault ADD COLUMN message_es TEXT;
ALTER TABLE decision_line ADD COLUMN line_es TEXT;
ALTER TABLE script_run ADD COLUMN refusal_code TEXT;  -- why the script was not run; null when it was

-- The same table under a plain name. It holds plans that are being carried out and are not recorded yet.
ALTER TABLE begun RENAME TO pending_cycle;

-- The daemon reads these codes back; rows of the earlier version get them from their prose.
UPDATE action SET detail_code = '{"code":"preempted"}' WHERE detail = 'left alone: memory runs out';
UPDATE action SET detail_code = '{"code":"interrupted"}' WHERE detail = 'Vigía ended before it was done';
UPDATE container SET removed_because_code = '{"code":"ended","state":"exited"}'
WHERE removed_because = 'it has ended (exited)';
