// Package check finds what is wrong with workflows that compile: conditions that
// can never hold, actions that undo each other, workflows that set each other off.
//
// Each condition is read as claims about aspects of a conversation (its status, one
// tag, the time since the last reply), each action as the claims that hold after
// it. All checks ask the same small solver whether claims can hold together. What
// the tables do not know they claim nothing about, so that a check is silent
// rather than wrong.
package check
