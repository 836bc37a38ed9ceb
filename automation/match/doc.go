// Package match searches texts. It folds them to what readers take for the same, finds many
// words in one pass, and bounds what patterns may cost. It knows nothing of workflows.
package match
