// Package webhook posts signed requests after Standard Webhooks 1.0.0. It tries
// once and says what came of it; trying again is for its caller. Private and
// special addresses are never reached unless a setting allows them.
package webhook
