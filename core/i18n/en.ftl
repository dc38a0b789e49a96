# What people read, in English. Every id is also in zh.ftl with the same arguments; a test compares them.
# Short, warm, exact: what happened, what is kept and what is lost, one clear next step.
# Each part of the house has a section of its own, headed by "### ---"; ids begin with the part's name.

### --- chat

# Sentences that are added where a platform can't draw something and words must do.
chat-choose = Please choose:
chat-more = More:
chat-part = { $label } ({ $from }–{ $to })
chat-answer-with-number = Answer with the number.
chat-type-field = ✏️ { $label }: type it as a message.
chat-type-secret = Please type: { $label }. I delete your message as soon as I have read it.
chat-type-secret-kept = Please type: { $label }. Then delete your message: I can’t do it for you here.
chat-secret-elsewhere = { $label } is secret, and others may read along here. Write to me in our private chat instead.
chat-as-file = This is long, so it comes as a file: { $name }
chat-no-file = The file { $name } can’t be shown in this chat. Ask for it on another platform you use with us.

### --- web

# The chat page itself: everything around the messages. Where the conversation is, for screen readers.
web-log-label = Conversation
web-box-label = Your message
web-box-placeholder = Write, or / for commands
web-send = Send
web-commands = Commands
web-welcome-title = Your own assistant starts here
web-welcome-body = { $brand } sets up an OpenClaw assistant for you, on a server of its own, and runs it from this chat. Pick a first step, or simply write.
web-you = You
web-only-you = Only you can see this
web-connected = Connected
web-reconnecting = Reconnecting. Nothing you write is lost.
web-sending = Sending
web-unsent = Waiting for the connection; it is sent by itself.
web-not-sent = Not sent. { $reason }
web-typing = { $brand } is answering
web-new-messages = New messages
web-earlier = Earlier messages
web-removed = Message removed
web-steps-done = { $done } of { $total } steps done
web-step-waiting = not started
web-step-running = in progress
web-step-done = done
web-step-failed = failed
web-step-undone = undone
web-seconds = { $seconds } s
web-tone-success = good news
web-tone-warning = please note
web-tone-danger = problem
web-download = Download
web-new-tab = (opens in a new tab)
web-current = current
web-secret-hint = Sealed at once, and never shown again.
web-room = Room “{ $room }”
web-name-label = Your name in this room
web-name-save = Save
web-no-script = This chat needs JavaScript. Please switch it on for this page and load it again.
web-error-origin = This message came from another page and was not accepted. Open the chat in its own tab and send it there.
web-error-body = This message was not understood. Load the page again and send it once more.
web-error-too-long = This message is too long. Up to { $max } characters fit in one; please split it.
web-error-session = This browser has no chat yet, or its cookie is gone. Load the page again.
web-error-unavailable = We could not take this message just now. It is sent again by itself.
web-error-not-found = There is nothing here, or it belongs to another chat.
web-error-name = Please give a name of at least one letter.
web-returning = One moment, back to your chat

### --- feishu

# A press that the service could not take in time, said by the app itself.
feishu-press-late = This takes a moment longer. If nothing changes here, press once more.
feishu-press-lost = That did not reach us. Please press once more.

### --- conversation

flow-back = ‹ Back
flow-restart = Start over
flow-cancel = Cancel
flow-cancelled = Cancelled. Nothing was ordered or changed.
flow-closed = This was closed because you started something else.
flow-answered = ✓ { $answer }
flow-continues-below = Continues below.
flow-expired = That was left unfinished for a day, so it was closed. Nothing was ordered or changed; start again whenever you like.
flow-over = That is already finished.
flow-outdated = We improved this while you were away. Please start again.
button-unknown = I don't know this button any more. Type /help to see what you can do.
button-not-yours = This button belongs to somebody else. Type the command yourself to get your own.
button-expired = This button is too old. Type the command again.
button-used = That was already pressed. Here is how things stand.
button-stale = That button was from an earlier step. Here is where you are.
needs-owner = Only the owner and the admins here may do that. You can look with /status and /usage.
unknown-command = I don't know /{ $name }. Type /help to see what I can do.
unknown-command-nearest = I don't know /{ $name }. Did you mean /{ $nearest }?
unknown-instance = There is no assistant called “{ $name }” here. /instances shows them all.
unknown-instance-nearest = There is no assistant called “{ $name }” here. Did you mean “{ $nearest }”?
choose-instance = Which assistant?
no-instance = There is no assistant here yet. One tap starts the first.
no-instance-for-viewers = There is no assistant here yet. Whoever runs this chat can get one.
instance-gone = This assistant is gone. /instances shows what there is.
instance-not-running = { $name } is not running right now. /status says why and what to do.
instance-not-now = { $name } is { $state } right now, so this has to wait. /status shows when it is done.
plain-text-ask = To talk to your assistant, put /ask in front: /ask What can you do? Everything else is in /help.
plain-text-deploy = I set up and look after OpenClaw assistants. Type /deploy to get one, or /help to see everything.
plain-text-look = You can look at the assistants of this chat with /instances, and everything you may do is in /help.
unsupported-message = I can only read text and buttons here. Type /help to see what I can do.
write-to-me-first = This is for your eyes only. Open a private chat with me, say /start, and ask again.
internal-error = That went wrong on our side, and nothing was changed. Please try again; if it happens again, tell us the number { $request }.
secret-pasted-removed = That looked like a secret key, so I deleted your message and stored nothing of it. Others may have seen it: replace the key with its provider.
secret-pasted-kept = That looked like a secret key. I stored nothing of it but can't delete your message: please delete it and replace the key with its provider.
operation-busy = This assistant is { $kind ->
    [deploy] being set up
    [restart] restarting
    [switch-model] changing its model
    [heal-model] being put back on its model
    [suspend] being stopped
    [rotate-key] getting a new key
    [change-source] changing how its AI is paid
    [backup-models] changing its backup models
   *[other] being deleted
} right now. Wait until that is done, then try again.
service-stopping = The service is restarting. This goes on by itself in a moment.
step-timeout = This took too long, so it was stopped.
step-crashes = This failed several times in a row, so it was stopped.
date-day = { $date }
date-minute = { $date }

### --- commands

command-deploy = Get an assistant of your own
command-instances = All assistants here
command-status = How an assistant is doing
command-ask = Ask an assistant something
command-usage = AI credit spent and left
command-model = Show or change the model
command-restart = Restart an assistant
command-logs = Its log as a file
command-destroy = Delete an assistant for good
command-order = The newest order, payment and renewal
command-help = What I can do
command-language = English or Chinese
command-cancel = Stop what you are in the middle of

welcome-title = Welcome to { $brand }
welcome-text = I give you an OpenClaw assistant of your own: its own server, its own memory, the model you choose. You order, pay and look after it right here in the chat.
help-title = { $brand }: what I can do
help-text = Type a command or press a button. /cancel stops anything at any step.
language-title = Which language?
language-set = From now on I answer in { $language }.
cancel-done = Stopped. Nothing was ordered or changed.
cancel-order = Cancelled: nothing will be charged for { $name }.
cancel-nothing = There is nothing to stop.

button-deploy = Get an assistant
button-deploy-another = Get another one
button-help = Help
button-language = Language
button-instances = My assistants
button-refresh = Refresh
button-ask = Ask it
button-ask-hello = Say hello
button-usage = Usage
button-model = Model
button-cheaper-model = Choose a cheaper model
button-restart = Restart
button-logs = Log
button-status = Status
button-destroy = Delete

### --- deploy

deploy-name-title = What shall it be called?
deploy-name-text = A name for your assistant. You use it to talk about it here; it can have emoji and any script.
deploy-name-label = Name
deploy-name-submit = Take this name
name-empty = Please type a name with at least one letter or number.
name-command = That is a command, not a name. Type the name without the slash.
name-characters = That name has characters that can't be shown everywhere. Letters, numbers, spaces and emoji are fine.
name-long = That name is { $length } characters long; { $most } is the most. Please shorten it.
name-taken = You already have “{ $name }”. Please choose another name.
deploy-plan-title = A plan for { $name }
deploy-plan-text = Each plan is a server of its own, with AI credit for every month.
deploy-plan-label = Plans
deploy-plan-option = { $plan } · { $price } a month · { $credit } AI credit
deploy-plan-note-lite = For trying it out and a few questions a day
deploy-plan-note-pro = For daily work
deploy-plan-note-max = For heavy use and the strongest models
deploy-plan-choose = Please choose one of the plans with its button.
deploy-model-title = Which model shall answer?
deploy-model-text = You can change it any time, at no cost. Prices are per million words and word parts, in and out.
deploy-model-label = Models
deploy-model-search = Looking for another? Type part of its name, or “cheap”, “free”, “coding”.
deploy-model-short-list = Back to the short list
deploy-model-found = Found for “{ $query }”
deploy-model-none = No model matches “{ $query }”. Try a shorter word, such as “claude”, “gpt”, “free”.
deploy-model-more = There are more. Type a little more of the name to narrow it down.
model-note = { $strength } · { $price }
deploy-review-title = Is this right for { $name }?
deploy-review-plan = Plan
deploy-review-model = Model
deploy-review-credit = AI credit
deploy-review-credit-value = { $credit } every month
deploy-review-today = To pay
deploy-review-today-value = { $price } today, then every month until you stop it
deploy-review-next = Next: you get a payment link. Once it is paid, your server comes up right here, usually in under a minute. If we can't set it up, you get all of your money back.
deploy-review-pay = Continue to payment ({ $price })
deploy-review-press = Press the button to go on, or Back to change something.
deploy-review-incomplete = Something is missing. Please start over.
deploy-review-model-gone = { $model } is no longer offered. Go back and choose another model.
deploy-review-full = All our places are taken right now, so we take no payment. Look again a little later: what you chose is kept here for a day. You can also delete an assistant you no longer need.
deploy-review-hindered = We can't set up new assistants right now, so we take no payment. Our operators have been told. Look again a little later: what you chose is kept here for a day.
deploy-review-look-again = Look again

deploy-progress-server = Server
deploy-progress-sub-key = AI credit
deploy-progress-gateway = OpenClaw
deploy-progress-model = Model connection
deploy-progress-probe = First answer
deploy-note-runtime = Fetching OpenClaw: { $percent }%. This happens once on a new machine.
deploy-running-title = Setting up { $name }
deploy-running-text = Paid, thank you. You can close this chat: it goes on by itself and this message changes when it is done.
deploy-ready-push = { $name } is ready and waits for your first words.
deploy-ready-title = { $name } is ready
deploy-ready-text = Say hello with the button, or type /ask and your question.
deploy-failed-title = { $name } could not be set up
deploy-failed-text = Cleaning up. You get all of your money back.

### --- instances

instances-title = { $count ->
    [one] One assistant
   *[other] { $count } assistants
}
instances-choose = Choose one for its details
instances-note = { $state } · { $model }
instance-state-provisioning = being set up
instance-state-running = running
instance-state-restarting = restarting
instance-state-degraded = in trouble
instance-state-suspended = stopped
instance-state-lost = lost its server
instance-state-failed = failed
instance-state-destroying = being deleted
instance-state-destroyed = deleted
instance-hint-provisioning = It is being set up; the message of your order shows how far it is.
instance-hint-restarting = It comes back in about half a minute.
instance-hint-degraded = It stopped answering and is being brought back by itself. If that takes longer than five minutes, restart it.
instance-hint-suspended = Its subscription ended, so it was stopped. Its memory and files are kept: /order shows how to go on.
instance-hint-lost = Its server is gone. We have been told, and restore it or refund you.
instance-hint-failed = It could not be set up, and the payment is refunded.
instance-hint-destroying = It is being deleted.
instance-hint-destroyed = It was deleted.
status-title = { $name }
status-state = State
status-model = Model
status-plan = Plan
status-credit = AI credit
status-credit-value = { $left } of { $allowance } left
status-resets = Renews on
status-ends = Runs until
status-ends-hint = It is not renewed and nothing more is charged. Then { $name } stops, and all it has is kept until you delete it.
status-since = Ready since

usage-title = { $name }: AI credit
usage-bar = { $percent }% used
usage-spent = Spent
usage-spent-value = { $spent } of { $allowance }
usage-left = Left
usage-left-value = { $left }
usage-resets = Renews on
usage-forecast = At this pace
usage-forecast-value = { $days ->
    [0] gone within a day
    [one] one more day
   *[other] { $days } more days
}
usage-forecast-enough = enough until it renews
usage-used-up = The credit of this month is used up. It answers again when the credit renews; a :free model goes on answering until then.
usage-stale = The provider does not answer right now. These figures are { $minutes } minutes old.
usage-never-read = The provider does not answer right now, and there is no earlier reading.
usage-chart-alt = Daily use over { $days } days, { $spent } this month

model-title = { $name }: model
model-current = Now
model-price = Price
model-choose = Change to
model-search-hint = For any other, type /model and part of its name.
model-search-field = Any other model
model-search-field-hint = part of its name, or “cheap”, “free”, “coding”
model-search-submit = Search
model-gone = That model is no longer offered. Choose another.
model-already = { $model } is already in use.
switch-running-title = { $name } changes to { $model }
switch-done-title = { $name } now uses { $model }
switch-failed-title = { $name } keeps its old model
switch-answered = Proven: { $model } answered a test question in { $seconds } s.
switch-answered-unnamed = Proven: a test question was answered.
switch-failed-text = The old model is back and answers as before.
switch-progress-configure = Configuration
switch-progress-probe = Test question

restart-running-title = { $name } restarts
restart-done-title = { $name } is back
restart-failed-title = { $name } did not come back
restart-keeps = Memory, model and settings stay. It takes about half a minute.
restart-progress-stop = Stop
restart-progress-start = Start
restart-progress-probe = Test question

logs-empty = { $name } has written no log yet.
logs-caption = Log of { $name }: the last { $lines } lines, keys removed.

destroy-title = Delete { $name }?
destroy-instead = You can also keep { $name } until { $date }, which is paid for. Then it stops, nothing more is charged, and all it has is kept.
destroy-button-instead = Keep it until then, don’t renew
destroy-lost = Lost for good
destroy-lost-value = its server, its memory and files, the rest of this month's AI credit
destroy-kept = Kept
destroy-kept-value = your receipts and your other assistants
destroy-money = Payment
destroy-money-value = the subscription ends now; nothing more is charged
destroy-type-name = Type { $name } to confirm
destroy-submit = Delete for good
destroy-name-differs = That is not the name. Type exactly { $name }, or press Cancel.
destroy-running-title = Deleting { $name }
destroy-done-title = { $name } is deleted
destroy-failed-title = { $name } is not completely deleted yet
destroy-done-text = Its subscription is cancelled and nothing more is charged.
destroy-still-there = One part is still being removed. We go on trying by ourselves.
destroy-progress-subscription = Cancel the subscription
destroy-progress-server = Delete the server
destroy-progress-sub-key = Delete the AI key

ask-field = Your question
ask-submit = Ask
ask-how = Type your question behind it, for instance: /ask What can you do?
ask-long = That is { $length } characters; { $most } is the most for one question. Please shorten it.
ask-thinking = { $name } is thinking…
ask-from = { $name }
ask-from-model = { $name } · { $model }

crash-crashed = { $name } stopped unexpectedly. It is being started again; its memory is kept.
crash-back = { $name } is back and answers again.
crash-lost = The server of { $name } is gone. We have been told, and restore it or refund you.
host-gone = Its server could not be found. /status shows how things stand.

### --- chart and models

# Inside the picture of daily use: what its dashed line means.
chart-pace = { $amount } a day lasts all month
chart-today = Today
chart-empty = Nothing used yet
model-price-text = { $input } in, { $output } out per 1M
model-price-free = free
model-compare-same = about the same price
model-compare-cheaper = about { $times } times cheaper
model-compare-cheaper-percent = about { $percent }% cheaper
model-compare-dearer = about { $times } times the price
model-compare-dearer-percent = about { $percent }% dearer
model-compare-free = free instead of paid
model-compare-paid = paid instead of free
model-strength-all-rounder = best all-rounder
model-strength-hardest = for the hardest work
model-strength-everyday = quick and good for every day
model-strength-long = strong with long documents
model-strength-coding = strong at coding
model-strength-saver = clever for very little money
model-strength-chinese = strong in Chinese
model-strength-fast = the fastest answers
model-strength-free = free, with a daily limit shared by all

### --- billing

billing-link-preparing-title = Preparing your payment link
billing-link-preparing-text = { $name } is reserved for you. The link appears here in a moment.
billing-link-failed-title = The payment page could not be opened
billing-link-failed-text = Our payment partner did not answer. Nothing was charged, and your choices for { $name } are kept. Try again in a minute.
billing-pay-title = Pay to start { $name }
billing-pay-price = Price
billing-pay-price-value = { $price } per month
billing-pay-until = Link works until
billing-pay-until-value = { $date }
billing-pay-text = Setting up begins by itself as soon as the payment has arrived; you will see it here. Until then nothing is charged.
billing-declined = Your card was declined, and nothing was charged. The same link still works: try again, or use another card.
billing-button-pay = Pay { $price }
billing-button-check = I have paid
billing-button-check-again = Check again
billing-button-cancel = Cancel
billing-button-new-link = Get a new link
billing-button-order-again = Order again
billing-button-status = Show status
billing-not-paid-yet = No payment has arrived yet. If you have just paid, give it a few seconds: this message changes by itself.
billing-cannot-ask = Our payment partner does not answer just now. If you have paid, nothing is lost: this message changes by itself.
billing-checking-title = Your payment is on its way
billing-checking-text = Your bank has not sent the { $price } yet; that can take days. { $name } is set up as soon as it arrives, and you will be told here. You need not do anything.
billing-paid-title = { $price } paid. Thank you!
billing-paid-text = { $name } is being set up now.
billing-active-title = { $name } is yours
billing-active-text = Paid: { $price } for this month.
billing-ending-title = { $name } runs until { $date }
billing-ending-text = It is not renewed, and nothing more is charged. On { $date } { $name } stops; its memory, files and settings are kept until you delete it.
billing-renewal-stopping = Calling off the renewal…
billing-renewal-resuming = Renewing it again…
billing-renewal-failed = This could not be changed at the payment provider just now. Please try again.
billing-renewal-busy = That is being changed already. One moment, please.
billing-button-stop-renewal = Don’t renew
billing-button-renew-again = Renew again
billing-past-due-title = The payment for { $name } did not go through
billing-past-due-text = Your bank did not send { $price } for the new month. { $name } goes on as before, and your bank is asked again over the next days. To be sure it stays, pay now, or put in another card on that page.
billing-lapsed-title = { $name } was stopped
billing-lapsed-unpaid = The { $price } for the new month did not arrive, so its subscription ended. It answers nobody and costs nothing now.
billing-lapsed-dispute-lost = Your bank took { $price } back for you, so its subscription ended. It answers nobody and costs nothing now.
billing-lapsed-ended = Its subscription was cancelled and its paid time is over. It answers nobody and costs nothing now.
billing-lapsed-kept = Its memory, files and settings are kept. Once it is paid for again, it goes on where it stopped.
billing-lapsed-payment-failed = The last payment did not go through; nothing was charged.
billing-button-go-on = Go on for { $price } a month
billing-disputed-title = Your bank wants { $price } back
billing-disputed-text = The payment for { $name } was disputed, and the money is held until your bank decides. Until then { $name } goes on as before. If that was a mistake, tell your bank, and write to us: then it is quickly over.
billing-link-again-text = { $name } waits for you with everything it had. The link appears here in a moment.
billing-pay-again-title = Pay to go on with { $name }
billing-pay-again-text = { $name } is started again by itself as soon as the payment has arrived, with its memory and files. Until then nothing is charged.
billing-ended-title = { $name } was deleted
billing-ended-text = Its subscription is cancelled and nothing more is charged.
billing-expired-title = The payment link has expired
billing-expired-text = Nothing was charged. Your choices for { $name } are kept: one tap makes a new link.
billing-payment-failed-title = The payment did not go through
billing-payment-failed-text = Your bank did not send the money, so nothing was charged. Your choices for { $name } are kept: one tap makes a new link.
billing-cancelled-title = Order cancelled
billing-cancelled-text = Nothing was charged, and the payment link no longer works. Nothing was set up for { $name }.
billing-refunding-title = Giving back { $price }
billing-refunding-late = Your payment arrived after this order was over, so { $name } was not set up. You get all of it back; nothing is left for you to do.
billing-refunding-amount = Another amount than agreed was paid, so { $name } was not set up. You get all of it back; nothing is left for you to do.
billing-refunding-deploy-failed = { $name } could not be set up. You get all of your money back; nothing is left for you to do.
billing-refunding-other = You get all of your money for { $name } back; nothing is left for you to do.
billing-refunded-title = { $price } given back
billing-refunded-late = Your payment had arrived after this order was over. It was given back in full, and no subscription is running for { $name }.
billing-refunded-amount = Another amount than agreed had been paid. It was given back in full, and no subscription is running for { $name }.
billing-refunded-deploy-failed = { $name } could not be set up. Your money was given back in full, and no subscription is running.
billing-refunded-other = Your money for { $name } was given back in full, and no subscription is running.
billing-refund-days = Banks take 5 to 10 days to show it.
billing-refund-late = It takes longer than it should: the payment provider does not answer. We keep trying by ourselves until you have it back.
billing-refund-failed-title = { $price } could not be given back yet
billing-refund-failed-text = We owe you { $price }: the refund did not go through by itself. We have been told and will settle it with you.
billing-support-label = Write to us
billing-support-told = You need not do anything.
billing-double-refunding = { $name } was paid for twice. You get the second payment back in full; the first counts and { $name } goes on as it is.
billing-double-refunded = { $name } was paid for twice. The second payment was given back in full; the first counts and { $name } goes on as it is.
billing-provider-unavailable = Our payment partner does not answer just now. Nothing was charged.
billing-provider-refused = Our payment partner refused this. Nothing was charged; please try again a little later.
billing-host-full = All our places are taken right now, so we take no new orders. Nothing was charged; please try again later.
billing-host-hindered = We can't set up new assistants right now, so we take no new orders. Nothing was charged; our operators have been told. Please try again later.
billing-key-gone = The key that was handed over for this order is not kept any more. Please order anew with /deploy; nothing was charged.
billing-name-taken = There is already an assistant or an open order called “{ $name }” here. Please choose another name.
billing-too-many-orders = You have { $count } unpaid orders. Pay or cancel one of them first.
billing-moved-on = This order has moved on meanwhile. Its message shows how it stands.
billing-no-order = There is no such order here.

### --- hosts and gateways

host-full = All { $total } places on this machine are taken. Try again when one is free, or ask the operator for more room.
disk-full = The disk of this server is full, so this could not be done. Its operator has to make room first.
runtime-unavailable = OpenClaw { $version } could not be fetched from the npm registry. Please try again later; its operator should look at the network.
no-port = All ports from { $first } to { $last } are in use on this machine. Its operator has to free one.
host-command-timeout = A command on the server took longer than { $seconds } seconds and was stopped. Please try again.
gateway-unreachable = Your assistant can't be reached right now. If it does not answer in a minute, use /restart; its memory is kept.
gateway-stopped = Your assistant stopped while it was starting. Try again in a moment; /logs shows what it said.
gateway-timeout = Your assistant did not answer in time. It may be busy: wait a minute and try again, or use /restart.
gateway-failed = Your assistant refused this with an error of its own. Please try again; if it stays so, use /restart.
model-credit = The AI credit of this assistant is used up, so the model did not answer. /usage shows when it is filled again; free models answer until then.
model-key = The AI provider did not accept this assistant's key. Restart it with /restart; if that does not help, write to us.
model-missing = This model is not available any more, or not for this assistant. Choose another one with /model.
model-rate-limited = The model has too many requests at the moment. Wait a few minutes, or choose another one with /model.
model-failed = The model did not answer. Please try again, or choose another one with /model.

### --- operations

ask-busy = { $most } questions to this assistant are still being answered. Wait for one answer, then ask again.
switch-unsettled-title = { $name } may not be back on its old model
switch-unsettled-text = The old model could not be set back yet. Choose it again with /model.

### --- public pages ---

page-paid = Thank you. Go back to your chat; it shows how your assistant is coming up.
page-unpaid = Nothing was paid. Go back to your chat to pay later or to call the order off.

### --- access

command-access = Who may do what here
command-link = Use your account on other platforms too
command-unlink = Separate a linked account
command-audit = Who did what
option-assistant = Which assistant; leave empty if there is only one
option-ask = Your question
option-model = Name or id of a model
option-access = Somebody and a role: Ann admin
option-link = The code from your other account
option-language = English or Chinese

access-own-chat = This is your private chat: nobody else can do anything here. In a group, /access shows who may do what.
access-title = Who may do what here
access-you = You
access-standing = { $role }: { $why }
access-role-owner = Owner
access-role-admin = Admin
access-role-member = Member
access-role-viewer = Viewer
access-role-nobody = No access
access-why-own-chat = this is your private chat
access-why-owner = it began with you, and you are told about payments
access-why-platform = you administer this chat
access-why-named-role = you hold the role that was named here
access-why-given = you were given this role here
access-why-everyone = like everybody else here
access-of-platform = Who administers this chat
access-of-named-role = Who holds the role { $role }
access-everybody-else = Everybody else
access-explained = Admins deploy, change and delete. Members may ask the assistants. Viewers look at /status and /usage.
access-choose = Give a role to
access-nobody-yet = Nobody else has written to me here yet. Whoever has can be given a role.
access-name-role = To let the holders of one of this chat's roles be admins, type /access role followed by the role.
access-unname-role = No named role
access-person-title = What may { $name } do here?
access-may-admin = Deploys, changes and deletes assistants, and gives roles
access-may-member = Asks the assistants, which spends their credit
access-may-viewer = Looks at /status and /usage, nothing else
access-take = Take the role away
access-unknown = I know nobody called “{ $name }” here. Ask them to say something to me in this chat first, for example /help.
access-several = Several people here are called “{ $name }”. Type /access and choose from the list.
access-gone = That person is not in the list any more. Type /access again.
access-given = { $name } is now: { $role }
access-taken = { $name } has no role of their own any more
access-no-roles = This chat has no roles that I could use. Give a role to people instead: type /access.
access-role-unclear = “{ $role }” is not a role I can use. Mention the role, or type its number.
access-last-owner = The owner stays the owner: without one nobody would be told about payments. Others can be made admins.

group-left-title = I was removed from “{ $group }”
group-left-title-unnamed = I was removed from a group
group-left-text = Nothing was deleted or stopped. What you pay for there goes on running and is charged as before:
group-left-assistant = { $state } · { $price } a month
group-left-choice = Invite me to the group again and everything there works as before. Or take your assistants along: then you look after them, or delete them, right here.
group-left-adopt = Move them to this chat
group-left-adopted = { $count ->
    [one] One assistant moved to this chat.
   *[other] { $count } assistants moved to this chat.
}
group-left-back = I am in the group again, so everything there works as before. Nothing was moved.
group-left-nothing = There is nothing left to move: it was moved or deleted already.

link-private-only = This is only for your eyes. Please type it in your private chat with me.
link-title = One account, several platforms
link-text = Type this in your private chat with me on the other platform, within { $minutes } minutes:
link-keep-to-yourself = Give this code to nobody: who uses it with your yes gets everything you have here.
link-notices = Where shall I tell you what happens to your assistants?
link-notices-set = From now on I tell you on { $platform }.
link-too-many = That was tried too often. Please wait { $minutes } minutes and type /link again.
link-wrong = This code is wrong, used or older than ten minutes. Type /link on your other account for a new one.
link-same = These two accounts are linked already. Nothing to do.
link-over = This code is used up or too old. Nothing was changed; type /link for a new one.
link-ask-title = Is { $name } on { $platform } you?
link-ask-text = If you say yes, and confirm there too, both accounts are one: each sees, pays for and can delete everything of the other. Say no if somebody sent you this code.
link-ask-yes = Yes, that is me
link-ask-no = No, stop this
link-waiting = Almost done. I have asked { $name } on { $platform }: please confirm there.
link-join-title = Join with { $name } on { $platform }?
link-join-text = That account typed your code and said yes. Once joined, both accounts are one: each sees, pays for and can delete everything of the other.
link-join-yes = Yes, join them
link-refused = { $name } on { $platform } said no, so nothing was joined.
link-not-joined = Stopped. Nothing was joined, and the code is used up. If you did not start this, somebody tried to get at your account.
link-joined-title = Joined with { $name } on { $platform }
link-joined-text = All assistants and orders of both are now yours on both. /unlink separates them again.
link-renamed = Two had the same name, so these are called differently now: { $names }
link-order-clash = Both accounts have something called “{ $name }”, and one of them is an order that is not paid yet. Pay or cancel that order with /order or /cancel first, then type /link again.

unlink-none = No other account is linked to this one. /link joins one.
unlink-title = Linked accounts
unlink-choose = Which one shall be on its own again?
unlink-account = { $name } on { $platform }
unlink-confirm-title = Separate { $name } on { $platform }?
unlink-stays = Stays with you here
unlink-stays-value = All assistants, orders, payments and groups
unlink-goes = { $platform }
unlink-goes-value = Begins anew, with nothing
unlink-do = Separate
unlink-gone = That account is not linked any more.
unlink-done = { $name } on { $platform } is on its own now. Everything stayed with you here.
unlink-told = This account was separated from your other one. The assistants and orders stayed there. Was it not you? Then secure that account.

deploy-goes-on = Going on with the order you began on your other account.

language-everybody = For everybody in this chat who has not chosen for themselves:
language-everybody-choice = All: { $language }
language-everybody-own = All: their own
language-everybody-set = From now on I answer everybody here in { $language }, except those who chose otherwise.
language-everybody-own-set = From now on I answer everybody here in their own language.

audit-title = Who did what
audit-empty = Nothing has been changed here yet.
audit-newest = Newest
audit-older = Older
audit-line = { $what } · { $date } · { $platform }
audit-deploy = ordered { $name }
audit-model = changed the model of { $name } to { $model }
audit-restart = restarted { $name }
audit-destroy = deleted { $name }
audit-renewal-off = called off the renewal of { $name }
audit-renewal-on = had { $name } renewed again
audit-role-given = gave { $name } the role { $role ->
    [admin] Admin
    [member] Member
   *[other] Viewer
}
audit-role-taken = took the role of { $name } away
audit-role-named = made the holders of { $role } admins
audit-role-unnamed = took the named role away
audit-link = joined with { $name } on { $platform }
audit-unlink = separated { $name } on { $platform }
audit-language = set the language of this chat: { $language }
audit-adopt = { $count ->
    [one] moved one assistant to the owner's private chat
   *[other] moved { $count } assistants to the owner's private chat
}
audit-refused = tried { $what } without the right to
audit-foreign-button = tried a button of this chat from another one
audit-foreign-order = tried to open an order of this chat from another one
audit-link-wrong-code = typed a wrong code for /link

## Handing over a secret

secret-page-open = Hand it over on a safe page
secret-page-minutes = This page is for you alone. It can be used once, in the next { $minutes } minutes.
secret-form-submit = Hand it over
secret-in-words = Or send it to me here as a message: I delete it at once.
secret-in-private = Others read along here, so I have sent you a page in our private chat.
secret-send-again = I got it, but was interrupted before I could seal it, and kept nothing. Please hand it over once more.
secret-not-recognised = I can’t make a key out of that message, so I kept nothing of it. If it was one, delete it here and use the page.
secret-question-over = What you handed over came too late: that question is over, and I kept nothing of it.
secret-message-removed = I deleted your message; the key is sealed.
secret-message-kept = The key is sealed, but I can’t delete your message here: please delete it yourself.
secret-page-for = Asked for by { $name } in the chat. If that is not you, close this page.
secret-page-label = Paste it here
secret-page-submit = Hand over
secret-page-kept = It is sealed at once; nobody sees more than its last four characters. This page works once, for { $minutes ->
    [1] one more minute
   *[other] { $minutes } more minutes
  }.
secret-page-empty = There was nothing in the field. Paste the key into it.
secret-page-back = Back to the chat
secret-page-done-title = Thank you, that’s all
secret-page-done = It is sealed. Go back to your chat: it goes on there by itself.
secret-page-used-title = This page was used
secret-page-used = Each page works once. If it was not you, ask for a new one in the chat and replace the key with its provider.
secret-page-over-title = This page is over
secret-page-over = It works for ten minutes. Go back to your chat and ask for a new one there; nothing was lost.
secret-page-other-title = This page is open elsewhere
secret-page-other = It belongs to the browser that opened it first. If that was not you, ask for a new one in your chat, and don’t pass it on.
secret-page-later-title = That did not work
secret-page-later = Nothing was kept. Go back one page and try again in a moment.

### --- models: choosing, switching, fallbacks, what goes wrong

catalogue-unavailable = The list of models can't be had at the moment, so nothing was changed. Please try again in a few minutes.
model-not-offered = { $model } was taken off the list just now. Nothing was changed; choose another model with /model.
model-changed = Somebody has just changed the model of { $name } to { $model }. Have another look with /model.
model-current-gone = The model in use is no longer on the list. Choose another one before it stops answering.
model-list-old-minutes = The list of models does not answer right now: prices are those of { $minutes } minutes ago.
model-list-old-hours = The list of models does not answer right now: prices are those of { $hours } hours ago.
model-price-unknown = the price is on your provider's page
model-price-own = What you pay is on your provider's bill. Prices shown here are those that are known, for comparison.
model-compare-unknown = the price is not known here
model-strength-listed = from your provider's list
model-cheap = Cheap ones
model-free = Free ones
model-coding = For coding
button-model-cheap = Cheaper models
button-model-free = Free models
button-model-fallback = Fallback models
model-no-free = { $model } has no free version. These come nearest:
model-other-provider = { $model } can't be had with your key for { $provider }. These come nearest:
model-several = More than one model is called “{ $model }”. Which one?
model-source-managed = managed credit
model-source-anthropic = Anthropic
model-source-openai = OpenAI
model-source-google = Google
model-source-openrouter = OpenRouter
model-switch-price = That is { $compared }.
model-switch-price-pace = That is { $compared }: { $pace }.
model-pace-month = at your pace, { $credit } lasts all month
model-pace-days = at your pace, { $credit } lasts about { $days ->
    [one] one day
   *[other] { $days } days
}
model-pace-less = at your pace, { $credit } lasts less than a day
model-pace-free = it uses none of your credit
model-per-message = about { $price } per message
model-confirm-title = Change { $name } to { $model }?
model-confirm-switch = Change to { $model }
model-confirm-keep = Keep { $model }
model-fallbacks = If it is down
model-fallbacks-count = { $count ->
    [one] one other model is tried
   *[other] { $count } other models are tried
}
fallback-title = { $name }: fallback models
fallback-none = If the model is down or has too many requests, no other one is tried. Add up to three, and they answer in its place; you are told each time.
fallback-text = If the first is down or has too many requests, the next one answers in its place; you are told each time.
fallback-first = First
fallback-place = Then ({ $place })
fallback-line = { $model } · { $price }
fallback-skipped-gone = { $model } · skipped: no longer on the list
fallback-skipped-dearer = { $model } · skipped: dearer than the first
fallback-skipped-no-backup-key = { $model } · skipped: needs the backup key, see /key
fallback-skipped-is-first = { $model } · it is the first one now
fallback-up = Move { $model } up
fallback-remove = Remove { $model }
fallback-add = Add
fallback-search-hint = For any other, type /model fallback and its name.
fallback-full = There are { $most } already. Remove one first.
fallback-is-first = That is the first model already.
fallback-dearer-ask = One of them is dearer than the first. May it answer all the same?
fallback-dearer-allowed = Dearer ones may answer.
fallback-dearer-forbidden = Dearer ones are skipped.
fallback-allow-dearer = Yes, dearer ones may answer
fallback-forbid-dearer = No, skip dearer ones
ask-from-fallback = { $name } · { $model } answered, because { $first } did not
model-fell-back = { $first } did not answer { $name } lately, so { $answered } did. Nothing else changed.
model-healed-configured = { $name } was set to another model than you chose. It is back on { $model }.
model-healed-pinned = Some conversations of { $name } were held on another model. They are back on { $model }.
model-vanishing-title = { $model } is going away
model-vanishing-soon = Its provider takes { $model } off the list after { $date }. From then on { $name } could not answer with it.
model-vanishing-gone = { $model } is no longer on the list. { $name } may stop answering at any time.
model-vanishing-replacement = Nearest to it
model-vanishing-switch = Change to { $model }
model-replaced = { $gone } was taken off the list after you ordered { $name }. It is set up with { $model } instead; /model changes that.
model-balance = The AI account behind this assistant has run dry. That is ours to mend: we have been told, and your credit is untouched. Free models answer meanwhile.
model-max-tokens = The longest answer this model may give is more than the rest of the credit pays for, or than its provider allows. A cheaper model still answers.
model-guardrail = The provider refused this by its own rules (its content or data policy). Say it another way, or choose another model.
model-down = The model's provider is down at the moment. Try again in a few minutes, or let another model answer in its place.
model-credit-own = Your { $provider } key has reached its limit, so the model did not answer. Raise it on the provider's page.
model-balance-own = Your { $provider } account has no credit left, so the model did not answer. Add some on the provider's page.
model-key-own = { $provider } did not accept your key. Check or replace it with /key.
audit-fallbacks = changed the fallback models of { $name }

## Own keys, and how the AI is paid

command-key = How the AI is paid: your own key, or credit
button-key = Key
audit-key-replaced = replaced the { $provider } key of { $name }
audit-source = let the AI of { $name } be paid by { $source }
audit-source-undone = undid the change of how the AI of { $name } is paid
audit-backup-on = added free backup models to { $name }
audit-backup-off = removed the backup models of { $name }

source-title = How shall the AI be paid?
source-text = Credit is part of your plan. With a key of your own, your assistant calls the provider directly and the provider bills you.
source-label = Ways to pay
source-managed = AI included (managed credit)
source-managed-note = Nothing to set up; every model, one price
source-own = My own { $provider } key
source-choose = Please choose with one of the buttons.
source-name-managed = managed credit
source-name-own = your own { $provider } key

key-ask-title = Your { $provider } key
key-ask-text = Make a key of its own for this assistant, so that you can take it away alone; it begins with “{ $example }”. I seal it at once, try it, and never show more than its last four characters.
key-ask-again = Hand the key over on the page, or send it here in a private message.
key-page-title = Your { $provider } key
key-page-hint = It begins with “{ $example }”. It is sealed at once and used by your assistant alone.
key-page-label = { $provider } key
key-of-other = That is a key for { $other }, and I asked for one for { $provider }. I kept nothing of it. Hand over a { $provider } key, or go back and choose { $other }.
key-other-kind = That key manages an account or belongs to a subscription, and can’t be used to call models. I kept nothing of it. I need an API key, “{ $example }”.
key-no-key = That doesn’t look like a { $provider } key, which begins with “{ $example }”. I kept nothing of it. Is all of it there?

key-checking-title = Trying your key with { $provider } …
key-checking-text = Key …{ $last4 } is sealed. It goes on here by itself, usually within a second.
key-checked-title = { $provider } accepts key …{ $last4 }
key-not-checked-title = Key …{ $last4 } for { $provider }
key-gone-ask = That key is no longer here. Please hand it over once more.
key-gone = The key of this assistant is not here any more. /key shows how to give it another.
key-button-go = Continue
key-button-go-anyway = Go on, try later
key-button-again = Try again
key-button-other = Another key
key-button-model = Another model
key-link-keys = Keys at { $provider }
key-link-credit = Add credit at { $provider }
key-link-usage = Usage and bill at { $provider }

key-state-unchecked = It is being tried with { $provider } right now.
key-state-valid = { $provider } accepts the key, and its account can pay.
key-state-wrong-key = { $provider } doesn’t know this key (any more): it was deleted there, or is of another kind. Replace it.
key-was-wrong = { $provider } doesn’t know this key: it was mistyped, deleted, or is of another kind. I kept nothing of it.
key-state-no-credit = The key is right, but its { $provider } account has no credit. Add some there, then try again.
key-state-no-access = The key is right, but { $provider } doesn’t let it do this. Its account may have to be verified, or the key allows too little.
key-state-no-access-model = The key is right, but { $provider } doesn’t let it use { $model }. Choose another model, or another key.
key-state-rate-limited = { $provider } says that this key is used too often just now. It is kept, and tried again by itself.
key-state-unreachable = { $provider } doesn’t answer at the moment. The key is kept and tried again by itself; I tell you what comes of it.
key-word-unchecked = being tried
key-word-valid = accepted
key-word-wrong-key = not known to the provider
key-word-no-credit = account without credit
key-word-no-access = not allowed
key-word-rate-limited = used too often just now
key-word-unreachable = provider does not answer
key-rechecked = I tried key …{ $last4 } of { $name } with { $provider } again.

key-field = AI
key-field-value = your own key at { $provider }
key-field-key = your own { $provider } key …{ $last4 }
key-deployed-unproven = { $provider } did not answer yet. Your assistant answers as soon as it does; I try the key again and tell you.
deploy-review-own = No AI credit is used: what your assistant uses is on { $provider }’s bill. The price of the plan stays the same.

own-model-text = These are the models your { $provider } key may use. You can change it any time.
own-model-no-list = { $provider } doesn’t list its models at the moment; these are its usual ones.

key-title = { $name }: how its AI is paid
key-card-provider = Provider
key-card-key = Key
key-card-key-value = …{ $last4 }
key-card-added = Added
key-card-checked = Last checked
key-card-never = not yet
key-card-state = State
key-card-managed = managed credit, part of your plan
key-card-missing = There is no key here any more, so this assistant can’t answer. Hand over another, or use managed credit.
key-card-backup = Backup
key-card-backup-value = free models, tried when the first does not answer: { $models }
key-button-check = Check now
key-button-replace = Replace key
key-button-change = Change how it is paid
key-button-undo = Undo the change
key-button-backup-on = Add free backup models
key-button-backup-off = Remove backup models
key-not-running = { $name } must be running for that.

rotate-running-title = { $name }: putting in the new key
rotate-done-title = { $name } answers with the new key
rotate-failed-title = The new key of { $name } did not work
rotate-done-text = Key …{ $last4 } answered. The old one is no longer used here: delete it at { $provider }.
rotate-failed-text = The old key is still in use; nothing was lost, and the new one is deleted here.
rotate-unsettled-text = The old key could not be put back. Try once more, or hand over a key with /key.
rotate-progress-set = New key
rotate-progress-probe = First answer

change-title = Change how the AI of { $name } is paid
change-text = Now: { $source }. What would you like instead?
change-same = That is how it is paid already.
change-confirm-title = Let { $name } run on { $source }?
change-from = Now
change-to = Then
change-kept = Kept
change-kept-value = its memory, files, channels and name
change-lost = Lost
change-lost-nothing = nothing
change-lost-fallbacks = fallback models of the old source; choose new ones with /model
change-lost-credit = the rest of this month’s credit rests meanwhile; if you come back this month, it is still there
change-charged = Charged
change-charged-own = nothing by us beyond your plan; what it uses is on { $provider }’s bill
change-charged-managed = nothing beyond your plan; it uses the plan’s credit, { $credit } every month
change-undo-note = For ten minutes you can undo it with one button.
change-button-confirm = Change it
change-keep-model = { $model } is the model it has now.
change-side = { $source } · { $model }
change-running-title = { $name }: changing how its AI is paid
change-done-title = { $name } now runs on { $source }
change-failed-title = { $name } is paid as before
change-done-text = { $model } answered in { $seconds } s.
change-failed-text = The change did not work, so everything is as it was. Nothing was charged.
change-unsettled-title = { $name } is between two ways of paying
change-unsettled-text = The change did not work and the old way could not be put back yet. Try once more with /key.
change-progress-key = Key
change-progress-configure = Provider and model
change-progress-probe = First answer
change-undo-late = That can’t be undone any more: ten minutes are over, or it was changed again. You can change it the same way with /key.

backup-running-title = { $name }: backup models
backup-on-title = { $name } has free backup models
backup-off-title = { $name } has no backup models any more
backup-failed-title = The backup models of { $name } stay as they were
backup-on-text = When its model does not answer, these are tried: { $models }. They cost nothing, are slower, and are limited by the day.
backup-none = There is no free model to be had at the moment. Try again later.
backup-progress-key = Key for free models
backup-progress-configure = Models

usage-own-title = { $name }: usage
usage-own-text = It answers with your own { $provider } key …{ $last4 }, so what it uses is on { $provider }’s bill. No AI credit of ours is used.
usage-own-missing = It is set to a { $provider } key of your own, and there is none here. /key shows how to hand one over.

### --- channels

deploy-ready-connect = It can have a bot of its own, too, so that you write to it directly:
command-connect = Telegram, Discord and Feishu of an assistant
channel-kind-telegram = Telegram
channel-kind-discord = Discord
channel-kind-feishu = Feishu

channel-state-waiting = waiting for its bot
channel-state-connecting = connecting
channel-state-connected = works
channel-state-conflict = silent: its token is used twice
channel-state-refused = silent: its token is refused
channel-state-unreachable = not connected
channel-state-connecting-explained = It has not come up yet. “Check” looks again.
channel-state-conflict-explained = Another program receives messages with the same token, so some of them never reach your assistant. A new token ends that.
channel-state-refused-explained = The platform does not accept its token, or something is not switched on there. “Check” says what.
channel-state-unreachable-explained = It could not be connected the last time. “Check” tries again and says what is wrong.

connect-title = Where people meet { $name }
connect-line = { $mark } { $name } · { $state }
connect-none = Your assistant answers here with /ask. Give it a bot of its own, and people write to it directly.
connect-choose-channel = Open:
connect-add = Connect another:
connect-button = Connect { $platform }
connect-back = All channels
connect-back-channel = Back
connect-people = Who may talk to it
connect-check = Check
connect-rotate = New token
connect-replace = Replace token
connect-disconnect = Disconnect
connect-keep = Keep it
channel-title = { $platform } of { $name }
channel-bot = Bot
channel-state = State
channel-who = Who may talk to it
channel-who-anyone = anyone
channel-who-some = { $count ->
    [0] nobody yet
    [one] one person
   *[other] { $count } people
}
channel-open-telegram = Open the chat
channel-invite-discord = Add it to a server

connect-telegram-title = A Telegram bot for { $name }
connect-telegram-text = One tap opens Telegram with everything filled in; confirm, and the bot is made and connected. Nothing to copy.
connect-telegram-proposed = Proposed name
connect-telegram-make = Make the bot
connect-telegram-paste = I have a token
connect-telegram-trouble = Telegram says the name is taken or must end in “bot”? Change it there. It says you have too many bots, or does not offer to make one? Delete a bot in @BotFather, or choose “I have a token”.
connect-stop-waiting = No bot after all
bot-made-title = { $name } is made
bot-made-which = Which assistant is it for?
bot-made-choose = Assistant:
bot-made-none = You have no assistant yet that it could speak for. Order one with /deploy; then /connect takes this bot.
bot-made-connecting = { $name } is made and is being connected. I tell how it goes where you asked for it.

connect-paste-title = { $platform } of { $name }: your own token
connect-paste-telegram = In Telegram, write /newbot to @BotFather and follow it; at the end it gives you a token. For a bot that you have already: /mybots, API Token.
connect-paste-discord = 1. Open discord.com/developers/applications and make a New Application. 2. Under Bot, switch on Message Content Intent and save. 3. There, Reset Token shows you the token.
connect-paste-feishu = In the developer console, the app’s Credentials show its App Secret.
connect-paste-feishu-app = In the developer console (open.feishu.cn or open.larksuite.com) open your app: Credentials show its App ID. Send me that first; the secret comes next.
connect-app-id = App ID
connect-app-submit = Next
connect-app-in-words = Send the App ID; it begins with cli_.
connect-app-shape = An App ID begins with cli_ and stands under Credentials of your app.
connect-secret-title = The { $platform } token for { $name }
connect-secret-hint-telegram = From @BotFather; it looks like 123456789:AA…
connect-secret-hint-discord = From the developer portal, under Bot; three parts with dots.
connect-secret-hint-feishu = From the developer console, under Credentials.
connect-secret-label = Bot token
connect-secret-label-feishu = App Secret
connect-shape-telegram = That is not a Telegram token. It looks like 123456789:AA… and @BotFather shows it under API Token.
connect-shape-discord = That is not a Discord bot token. It has three parts with dots; the client secret and the public key are something else. Under Bot, Reset Token shows it.
connect-shape-feishu = That is not an App Secret. It stands beside the App ID, under Credentials.

connect-feishu-title = A Feishu app for your assistant
connect-feishu-begin = I am asking Feishu for a link…
connect-feishu-text = One tap opens Feishu; confirm, and the app is made with all it needs and connected. The link works for { $minutes } minutes.
connect-feishu-make = Make the app
connect-feishu-by-hand = Enter it by hand
connect-feishu-again = A new link
connect-feishu-note = Your organisation may want an administrator to agree. With Lark, if the page does not open in the app, enter it by hand.

connect-running = Connecting { $platform }
connect-done = { $platform } is connected
connect-rotated = { $platform } has a new token
connect-failed = { $platform } is not connected
connect-done-telegram = Open { $name }, press Start, and write to your assistant.
connect-done-discord = Add { $name } to a server of yours with the button; then write to it privately, or mention it there.
connect-done-feishu = Search for { $name } in Feishu and write to it. If nobody finds it, publish the app’s first version in the developer console.
connect-done-owner = Only you can talk to it. When others write, they are asked to wait, and I ask you. In groups it answers only you, when it is mentioned.
connect-done-first = Write to it now: it asks you to wait, and I ask here whether that is you. Nobody is let in without a yes from here.
connect-progress-token = The bot’s token
connect-progress-renew = A new token
connect-progress-check = Checked with the platform
connect-progress-prepare = What it needs for this platform
connect-progress-configure = Told to your assistant
connect-progress-prove = First sign of life
connect-progress-app = A link from Feishu
connect-progress-person = Your confirmation
connect-fix-intent = Open its settings
connect-fix-scopes = Grant what is missing
connect-fix-bot = Switch the bot on

channel-token-refused = { $platform } does not accept this token. It may have been replaced, or copied without its end.
channel-token-ours = This is the bot you are talking to right now. Your assistant needs one of its own.
channel-in-use = Another program is receiving messages with the token of { $name }. Two can’t: stop the other one and check again, or give it a new token here, which ends the old one.
channel-webhook = This bot sends its messages to { $host }. I leave that alone: remove the webhook there, or make a new token, and check again.
channel-bots-not-managed = I am not allowed to make bots at the moment. Choose “Replace token” and send one from @BotFather.
channel-no-intent = { $name } may not read messages yet. Under Bot, Privileged Gateway Intents, switch on Message Content Intent and press Save Changes; then check again. ({ $applicationId })
channel-no-bot = This app has no bot yet. Switch on Bot under Add Features, publish a version, and send the secret again. ({ $link })
channel-scopes = The app lacks rights: { $scopes }. Grant them there, publish a version, and check again. ({ $link })
channel-registration-refused = Feishu says that it was declined. Nothing was made.
channel-registration-over = The link has run out. Nothing was made.
channel-not-up = { $platform } accepted the token, but the connection has not come up within a minute. It goes on trying; check again in a moment.
channel-vendor-down = { $platform } does not answer at the moment. Your token is kept, sealed; check again in a few minutes.
channel-chat-closed = It can’t write to this person before they have written to it.
channel-taken = This bot already belongs to another assistant here. One token serves one assistant: make another bot, or disconnect it there first.
channel-taken-here = This bot already speaks for { $name }. Disconnect it there first, or make another bot.
channel-gone = This channel is not there any more. /connect shows what is.
channel-busy = This channel is being worked on already; its message shows how it goes.
channel-changed = Somebody else just changed who may talk to it. Look again, then decide.

disconnect-title = Disconnect { $platform } from { $name }?
disconnect-text = Your assistant stops answering there at once. It keeps its memory and its other channels. The bot itself stays yours, and its token is free again.
disconnect-sure = Disconnect
disconnect-running = Disconnecting { $platform }
disconnect-progress = Taken out of your assistant
disconnect-done = { $platform } is disconnected
disconnect-done-text = { $name } is silent now and stays yours. Its token is forgotten here.
disconnect-done-managed = { $name } is silent now and stays yours; @BotFather deletes it if you want. Its token is forgotten here.

people-title = Who may talk to { $name } on { $platform }
people-owner = owner
people-may = may talk
people-anyone = Anyone who finds the bot may talk to it, and everything they ask costs your credit.
people-nobody = Nobody yet. Write to the bot; I then ask here whether that is you.
people-explained = Everybody else is asked to wait, and I ask you. In groups it answers these people only, and only when it is mentioned.
people-remove = Take away:
people-removed = { $who } may no longer talk to it.
people-open = Let anyone talk to it
people-close = Only those on the list
people-open-title = Let anyone talk to { $name }?
people-open-text = Anyone who finds { $bot } on { $platform } could then ask it anything: at your cost, with the memory and files it has. Choose this only for an assistant that is meant for the public.
people-open-sure = Yes, anyone
people-open-no = No, keep it closed
access-talk = Who may talk to an assistant:
access-talk-none = Your assistants have no channels of their own yet. /connect gives them one.

pairing-title = { $who } wants to talk to { $name }
pairing-title-you = Is that you on { $platform }?
pairing-text = They wrote to it on { $platform } (their id there: { $id }). May they talk to it? What they ask costs your credit.
pairing-text-you = { $who } wrote to { $name } on { $platform } (id there: { $id }). If that is you, you become its owner there. If not, say no.
pairing-approve = Yes, they may
pairing-deny = No
pairing-approve-you = Yes, that’s me
pairing-deny-you = No, somebody else
pairing-expires = The request ends by itself after an hour. Without a yes nobody gets in.
pairing-approved = { $who } may talk to { $name } on { $platform }.
pairing-denied = { $who } may not talk to { $name } on { $platform }. They can ask again.
pairing-expired = { $who } asked to talk to { $name } on { $platform }; the hour is over and nobody said yes. They can ask again.

channel-notice-conflict = { $name } does not hear everything on { $platform }
channel-notice-conflict-text = Another program receives messages with the token of { $bot }. One of the two has to stop.
channel-notice-refused = { $name } is silent on { $platform }
channel-notice-refused-text = The token of { $bot } was replaced or deleted there.
channel-notice-connected = { $name } answers on { $platform } again
channel-notice-connected-text = { $bot } is connected. Nothing to do.
channel-hello = Hello! I am { $name }, your assistant. Just write to me here.
channel-you-may = You may talk to { $name } now. Go ahead!

audit-connect = connected { $platform } to { $name }
audit-disconnect = disconnected { $platform } from { $name }
audit-token-rotated = replaced the { $platform } token of { $name }
audit-talk-given = let { $who } talk to { $name }
audit-talk-denied = did not let { $who } talk to { $name }
audit-talk-taken = no longer lets { $who } talk to { $name }
audit-talk-open = let anyone talk to { $name } on { $platform }
audit-talk-closed = let only chosen people talk to { $name } on { $platform }
