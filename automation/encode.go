package automation

// Encode writes d as a tree that JSON and YAML can write, and that Decode reads
// as the same definition. Keys that would hold a default are left out: max_runs
// 1, apply_to_earlier false, confirm where nothing is said, and whatever is empty.
func Encode(d Definition) map[string]any {
	out := map[string]any{"name": d.Name, "type": string(d.Type)}
	if d.MaxRuns != DefaultRuns {
		out["max_runs"] = d.MaxRuns
	}
	if d.RepliesPerHour != 0 {
		out["replies_per_hour"] = d.RepliesPerHour
	}
	if d.TooLateAfter != 0 {
		out["too_late_after"] = FormatDuration(d.TooLateAfter)
	}
	if d.ApplyToEarlier {
		out["apply_to_earlier"] = true
	}
	if d.Confirm != nil {
		out["confirm"] = *d.Confirm
	}
	if d.Notes != "" {
		out["notes"] = d.Notes
	}
	if len(d.Conditions) > 0 {
		groups := make([]any, len(d.Conditions))
		for i, g := range d.Conditions {
			groups[i] = encodeGroup(g)
		}
		out["conditions"] = groups
	}
	actions := make([]any, len(d.Actions))
	for i, a := range d.Actions {
		actions[i] = EncodeAction(a)
	}
	out["actions"] = actions
	if len(d.Tests) > 0 {
		tests := make([]any, len(d.Tests))
		for i, t := range d.Tests {
			tests[i] = encodeTest(t)
		}
		out["tests"] = tests
	}
	return out
}

func encodeGroup(g Group) map[string]any {
	rows := make([]any, len(g.Any))
	for i, c := range g.Any {
		row := map[string]any{"field": c.Field}
		if c.Op != "" {
			row["op"] = c.Op
		}
		if c.Value != nil {
			row["value"] = cloneTree(c.Value)
		}
		if c.From != "" {
			row["from"] = c.From
		}
		if c.To != "" {
			row["to"] = c.To
		}
		rows[i] = row
	}
	return map[string]any{"any": rows}
}

// EncodeAction returns an action as it is written: the keys that it has, by their names.
func EncodeAction(a Action) map[string]any {
	out := map[string]any{"do": a.Do}
	known := allParts
	if kind := findAction(a.Do); kind != nil {
		known = kind.parts()
	}
	for _, p := range known {
		if p.has(a) {
			out[p.key] = p.write(a)
		}
	}
	return out
}
