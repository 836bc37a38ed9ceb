package automation

// FailingAttention is how the call for attention begins that a workflow of the name
// makes where it fails: it ends when the workflow runs well there, or is changed.
func FailingAttention(name string) string { return "the workflow “" + name + "” failed" }
