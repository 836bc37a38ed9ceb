package mail

// How much of a mail is looked at. The raw mail is kept whole all the same.
const (
	maxDepth       = 50        // multiparts within multiparts
	maxScans       = 12        // times that boundaries are looked for in a mail of more than 16 MB; shorter ones have more
	maxParts       = 1000      // of all levels together
	maxHeaderBytes = 256 << 10 // of one header block
	maxHeaders     = 1000      // fields of the top header block that are kept
	maxTextBytes   = 1 << 20   // of text, and of HTML, that are kept
	maxSubject     = 1000      // characters of the subject
	maxAddresses   = 500       // in To, and in Cc
	maxIDs         = 100       // in In-Reply-To, and in References
	maxIDBytes     = 500
	maxNameBytes   = 200 // of an attachment's name
)
