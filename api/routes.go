package api

import (
	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/automation/runs"
)

// Store is all that the API needs; each resource declares its part.
type Store interface {
	tokenStore
	sessionStore
	mailboxStore
	userStore
	tokenAdminStore
	settingStore
	customerStore
	tagStore
	conversationStore
	messageStore
	ratingStore
	webhookStore
	viewStore
	fieldStore
	folderStore
	timelineStore
	workflowStore
	runStore
	manualStore
	inquiryStore
	deliveryStore
	pauseStore
	auditStore
	removeStore
	reconcileStore
	retentionStore
	rolloutStore
	statisticsStore
	backtestStore
	planStore
	undoStore
	liveStore
}

// routes is everything that can be asked: where, by whom, what for, and by which
// handler it is answered. What is not in here does not exist.
//
// get answers 200, post 201, act 200, ask 202 (the work is done later; askAndWait
// 200 where it was waited for), put and
// patch 200, del 204. matched ones take If-Match.
func (s *server) routes() []route {
	mb, us, tk, st := mailboxes{s.Store}, users{s.Store}, tokens{s.Store}, settings{s.Store}
	cu, tg, cv := customers{s.Store}, tags{s.Store}, conversations{s.Store}
	ms, tl := messages{s.Store}, timelines{s.Store}
	rt, wh := ratings{s.Store}, webhooks{s.Store}
	wf, rn, ex, dl := workflows{s.Store}, runList{s.Store, s.awaiting}, explaining{s.Store}, deliveries{s.Store}
	ps, au, rm := pauses{s.Store}, audits{s.Store}, removing{s.Store}
	fd, fo := fields{s.Store}, folders{s.Store}
	sc := statistics{s.Store}
	ud, lv := undoing{s.Store}, lives{s.Store}
	ro, bt, pl := rollouts{s.Store}, backtests{s.Store}, plans{s.Store}
	rc, fc := reconciling{s.Store}, forecasting{s.Forecaster}
	mn := manualWorkflows{s.Store, s.Previewer}
	se := sessions{s.Store}
	return []route{
		probe("/healthz", s.healthz),
		probe("/readyz", s.readyz),
		probe("/metrics", s.metrics),
		plain("/openapi.json", s.openAPIDocument),
		plain("/docs", s.docs),
		plain("/schemas/workflows.json", s.workflowSchema),
		plain("/v1/viewed/{mark}", s.viewed),

		get("/v1/mailboxes", access.ReadMailbox, "List the mailboxes that you see", mb.list),
		post("/v1/mailboxes", access.ManageMailbox, "Make a mailbox, with a signing secret of its own", mb.create),
		get("/v1/mailboxes/{id}", access.ReadMailbox, "Get a mailbox", mb.get),
		matched(patch("/v1/mailboxes/{id}", access.ManageMailbox, "Change a mailbox", mb.patch)),
		matched(act("/v1/mailboxes/{id}/rotate", access.ManageMailbox, "Give it a new signing secret; for a day both sign", mb.rotate)),
		matched(del("/v1/mailboxes/{id}", access.ManageMailbox,
			"Delete a mailbox that no conversation is in; workflows that name it are switched off", rm.mailbox)),

		get("/v1/folders", access.ReadMailbox, "List the folders of a mailbox, with how many conversations each has", fo.list),
		post("/v1/folders", access.ManageFolder, "Make a folder: a named view of a mailbox", fo.create),
		get("/v1/folders/{id}", access.ReadMailbox, "Get a folder", fo.get),
		matched(patch("/v1/folders/{id}", access.ManageFolder, "Change a folder's view; its name, while no workflow has it", fo.patch)),
		matched(del("/v1/folders/{id}", access.ManageFolder, "Delete a folder that no workflow names", fo.remove)),
		get("/v1/fields", access.ReadMailbox, "List the custom fields of a mailbox, the oldest first", fd.list),
		post("/v1/fields", access.ManageMailbox, "Make a custom field of a mailbox", fd.create),
		get("/v1/fields/{id}", access.ReadMailbox, "Get a custom field", fd.get),
		matched(patch("/v1/fields/{id}", access.ManageMailbox, "Change a custom field's label, or add options", fd.patch)),
		matched(del("/v1/fields/{id}", access.ManageMailbox, "Delete a custom field that no workflow names; its values go out of sight",
			fd.remove)),

		get("/v1/conversations", access.ReadConversation, "List and search conversations", cv.list),
		post("/v1/conversations", access.WriteConversation, "Make a conversation with the customer's first message", cv.open),
		get("/v1/conversations/{id}", access.ReadConversation, "Get a conversation", cv.get),
		patch("/v1/conversations/{id}", access.WriteConversation, "Change a conversation, all or nothing", cv.patch),
		del("/v1/conversations/{id}", access.WriteConversation, "Mark a conversation as deleted", cv.remove),
		get("/v1/conversations/{id}/messages", access.ReadConversation, "List a conversation's messages, the oldest first", ms.list),
		post("/v1/conversations/{id}/messages", access.WriteConversation, "Add a message", ms.post),
		get("/v1/conversations/{id}/timeline", access.ReadConversation, "Everything that happened, in order, with who did it and why", tl.get),

		s.stream("/v1/conversations/{id}/live", access.ReadConversation, "The timeline as it goes on (server-sent events)", lv.conversation),

		act("/v1/conversations/{id}/rating", access.WriteConversation, "Record how satisfied the customer is", rt.rate),

		get("/v1/mailboxes/{id}/workflows", access.ReadWorkflow, "List a mailbox's workflows in their order", wf.list),
		post("/v1/mailboxes/{id}/workflows", access.ManageWorkflow, "Make a workflow; a mode other than off publishes it too", wf.create),
		put("/v1/mailboxes/{id}/workflows/order", access.ManageWorkflow, "Set the order of a mailbox's workflows", wf.order),
		get("/v1/workflows/{id}", access.ReadWorkflow, "Get a workflow: its draft and what is published of it", wf.get),
		matched(put("/v1/workflows/{id}", access.ManageWorkflow, "Replace the draft; what is published stays in force", wf.put)),
		matched(patch("/v1/workflows/{id}", access.ManageWorkflow, "Change the mode or the place", wf.patch)),
		matched(del("/v1/workflows/{id}", access.ManageWorkflow, "Switch a workflow off and delete it; its runs are kept", wf.delete)),
		matched(act("/v1/workflows/{id}/publish", access.ManageWorkflow, "Make the draft the version in force", wf.publish)),
		get("/v1/workflows/{id}/versions", access.ReadWorkflow, "List the versions, the newest first", wf.versions),
		get("/v1/workflows/{id}/versions/{n}", access.ReadWorkflow, "Get a version", wf.version),
		get("/v1/workflows/{id}/versions/{n}/diff", access.ReadWorkflow, "In what a version differs from the draft or from another version",
			wf.diff),
		get("/v1/workflows/{id}/rollout", access.ReadWorkflow, "What publishing the draft, and switching it on, would go through", ro.preview),
		matched(act("/v1/workflows/{id}/versions/{n}/restore", access.ManageWorkflow, "Publish an earlier version again, as a new one",
			wf.restore)),
		get("/v1/workflows/{id}/check", access.ReadWorkflow, "Look for problems of the stored draft", wf.checkStored),
		act("/v1/workflows/{id}/check", access.ReadWorkflow, "Look for problems of a draft; nothing is stored", wf.check),
		act("/v1/workflows/{id}/tests", access.ReadWorkflow, "Do the tests of the stored draft, and tell what came of each step", wf.test),
		get("/v1/mailboxes/{id}/workflows/check", access.ReadWorkflow, "Look for problems among a mailbox's workflows that are on or watch",
			wf.checkMailbox),
		act("/v1/mailboxes/{id}/workflows/check", access.ReadWorkflow, "Look for problems of a new draft; nothing is stored", wf.checkNew),
		get("/v1/workflows/{id}/statistics", access.ReadWorkflow, "What a workflow's runs came to, day by day", sc.ofWorkflow),
		get("/v1/mailboxes/{id}/statistics", access.ReadWorkflow, "What the runs of a mailbox's workflows came to, day by day", sc.ofMailbox),
		get("/v1/workflows/{id}/backtests", access.ReadWorkflow, "List a workflow's backtests, the newest first", bt.list),
		ask("/v1/workflows/{id}/backtest", access.ManageWorkflow, "Run a version over what really happened in the last days, and compare",
			bt.create),
		get("/v1/backtests/{id}", access.ReadWorkflow, "Get a backtest with its progress", bt.get),
		get("/v1/backtests/{id}/runs", access.ReadWorkflow, "List the runs of a backtest's comparisons", bt.runs),
		act("/v1/backtests/{id}/cancel", access.ManageWorkflow, "End a backtest; what it found so far stays", bt.cancel),
		get("/v1/mailboxes/{id}/workflows/export", access.ManageWorkflow, "A mailbox's workflows as plan and apply take them", pl.export),
		act("/v1/mailboxes/{id}/plan", access.ManageWorkflow, "What would make a mailbox's workflows what is wanted; nothing is stored", pl.plan),
		act("/v1/mailboxes/{id}/apply", access.ManageWorkflow, "Make a mailbox's workflows what is wanted, all or nothing", pl.apply),
		get("/v1/workflows/{id}/runs", access.ReadWorkflow, "List a workflow's runs, the newest first", rn.ofWorkflow),
		get("/v1/workflows/{id}/pauses", access.ReadWorkflow, "List the conversations where a workflow is paused", ps.ofWorkflow),
		get("/v1/workflows/{id}/passed-over", access.ReadWorkflow,
			"List the events that a workflow passed over while it was paused, the oldest first", ps.passedOver),
		matched(act("/v1/workflows/{id}/resume", access.ManageWorkflow, "Let a paused workflow run again, everywhere", ps.resume)),
		get("/v1/conversations/{id}/pauses", access.ReadConversation, "List the workflows that are paused on a conversation", ps.ofConversation),
		act("/v1/conversations/{id}/workflows/{workflow_id}/resume", access.ManageWorkflow,
			"Let a paused workflow run again on a conversation", ps.resumeHere),
		act("/v1/workflows/{id}/run/preview", access.RunWorkflow,
			"What a manual workflow would do on up to 100 conversations; nothing is stored", mn.previewMany),
		askAndWait("/v1/workflows/{id}/run", access.RunWorkflow, "Ask for a manual workflow's run on up to 100 conversations", rn.askMany),
		get("/v1/conversations/{id}/runs", access.ReadConversation, "List the runs on a conversation, the newest first", rn.ofConversation),
		askAndWait("/v1/conversations/{id}/runs", access.RunWorkflow, "Ask for a manual workflow's run", rn.ask),
		act("/v1/conversations/{id}/runs/preview", access.RunWorkflow, "What a manual workflow would do; nothing is stored", mn.preview),
		get("/v1/conversations/{id}/manual-workflows", access.ReadConversation,
			"List the manual workflows that you may run on a conversation now, in their order", mn.list),
		get("/v1/conversations/{id}/explain", access.ReadConversation, "Why a workflow ran on this conversation, or why it did not", ex.explain),
		get("/v1/conversations/{id}/forecast", access.ReadConversation, "What will happen to this conversation, and when, if nobody acts",
			fc.forecast),
		get("/v1/runs/{id}", access.ReadConversation, "Get a run with its reasons", rn.get),
		get("/v1/runs/{id}/undo", access.ReadConversation, "What could be taken back of what a run did, and what not and why", ud.preview),
		ask("/v1/runs/{id}/undo", access.WriteConversation, "Take back what a run did, where nothing else has changed it since", ud.ask),
		s.stream("/v1/mailboxes/{id}/runs/live", access.ReadConversation, "The runs in a mailbox as they end (server-sent events)",
			lv.mailboxRuns),
		get("/v1/deliveries", access.ReadConversation, "List what leaves the house, the newest first", dl.list),
		get("/v1/deliveries/{id}", access.ReadConversation, "Get a delivery with its attempts", dl.get),
		ask("/v1/deliveries/{id}/redeliver", access.WriteConversation, "Send a failed delivery again", dl.redeliver),

		get("/v1/customers", access.ReadPeople, "List the customers whose conversations you see", cu.list),
		get("/v1/customers/{id}", access.ReadPeople, "Get a customer", cu.get),
		get("/v1/tags", access.ReadPeople, "List the tags in use", tg.list),
		act("/v1/tags/{name}/rename", access.ManageSetting,
			"Rename a tag on all conversations, or make two one; workflows that name the old one are switched off", rm.rename),
		del("/v1/tags/{name}", access.ManageSetting, "Delete a tag that no conversation carries; workflows that name it are switched off",
			rm.tag),

		get("/v1/users", access.ReadPeople, "List the users", us.list),
		post("/v1/users", access.ManageUser, "Make a user", us.create),
		get("/v1/users/{id}", access.ReadPeople, "Get a user", us.get),
		matched(patch("/v1/users/{id}", access.ManageUser, "Change a user, their memberships included", us.patch)),
		matched(del("/v1/users/{id}", access.ManageUser,
			"Delete a user; their conversations are unassigned, workflows that name them are switched off", rm.user)),
		get("/v1/me", access.ReadPeople, "Get the user of the token", us.me),

		se.loginRoute("/v1/sessions", "Log in: the answer sets the session's cookie"),
		get("/v1/sessions/current", access.ReadPeople, "Get the session of the cookie: whose it is, and its csrf_token", se.current),
		se.logoutRoute("/v1/sessions/current", access.ManageLogin, "Log out: the session ends"),
		del("/v1/users/{id}/sessions", access.ManageLogin, "End all sessions of a user: your own, or as an admin anybody's", se.endAll),
		putNothing("/v1/users/{id}/password", access.ManageLogin,
			"Set a user's password: your own with the current one, or as an admin anybody's; the user's other sessions end", se.setPassword),

		get("/v1/tokens", access.ManageToken, "List the tokens, without the tokens themselves", tk.list),
		post("/v1/tokens", access.ManageToken, "Make a token; it is shown this once", tk.create),
		post("/v1/tokens/{id}/rotate", access.ManageToken, "Make a token's successor; the old one is valid for a day more, or as asked",
			tk.rotate),
		del("/v1/tokens/{id}", access.ManageToken, "Revoke a token at once", tk.revoke),

		get("/v1/webhooks", access.ManageSetting, "List the webhook endpoints, without their secrets", wh.list),
		post("/v1/webhooks", access.ManageSetting, "Make a webhook endpoint; its secret is shown this once", wh.create),
		get("/v1/webhooks/{id}", access.ManageSetting, "Get a webhook endpoint", wh.get),
		matched(patch("/v1/webhooks/{id}", access.ManageSetting, "Change a webhook endpoint", wh.patch)),
		matched(act("/v1/webhooks/{id}/rotate", access.ManageSetting, "Give it a new secret; for a day both sign", wh.rotate)),
		matched(del("/v1/webhooks/{id}", access.ManageSetting, "Delete a webhook endpoint; what waits for it fails", wh.delete)),

		get("/v1/audit", access.ReadAudit, "Who changed what of configuration and people, the newest first; a manager sees that of their "+
			"mailboxes", au.list),
		export("/v1/audit.csv", access.ReadAudit, "The same as a table, whole: CSV of RFC 4180 in UTF-8, the newest first", auditColumns,
			au.table),

		get("/v1/rollouts", access.ManageRollout, "List the changes that go through conversations, the newest first", ro.list),
		get("/v1/rollouts/{id}", access.ManageRollout, "Get a rollout with its progress", ro.get),
		act("/v1/rollouts/{id}/pause", access.ManageRollout, "Stop a rollout after the page under way", ro.steer(runs.RolloutPaused)),
		act("/v1/rollouts/{id}/resume", access.ManageRollout, "Go on with a paused rollout where it was", ro.steer(runs.RolloutRunning)),
		act("/v1/rollouts/{id}/cancel", access.ManageRollout, "End a rollout; the conversations left see the change at their next event",
			ro.steer(runs.RolloutCancelled)),

		get("/v1/reconcile", access.ManageSetting, "What the reconciler found in its last passes, the newest first: zero when all goes well",
			rc.list),

		get("/v1/retention", access.ManageSetting, "What is kept for some time only, for how long, and how much was removed",
			retaining{s.Store}.list),

		get("/v1/settings", access.ManageSetting, "Get the installation's settings", st.get),
		matched(patch("/v1/settings", access.ManageSetting, "Change the installation's settings", st.patch)),
	}
}
