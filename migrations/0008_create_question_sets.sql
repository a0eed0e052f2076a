-- A question set is a dataset that is only asked, never learnt from. An evaluation may try settings before they are switched on.
ALTER TABLE datasets ADD COLUMN purpose TEXT NOT NULL DEFAULT 'training' CHECK (purpose IN ('training', 'evaluation'));
CREATE INDEX datasets_of_collection ON datasets (collection_id, no);

-- what was tried instead of the serving settings; null = nothing was
ALTER TABLE evaluations ADD COLUMN candidate TEXT CHECK (candidate IS NULL OR json_valid(candidate));
-- the run of the serving settings that this one is held against
ALTER TABLE evaluations ADD COLUMN baseline_id TEXT;
ALTER TABLE evaluations ADD COLUMN switched_on_at TEXT;
