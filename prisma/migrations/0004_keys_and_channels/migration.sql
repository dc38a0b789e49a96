-- AlterTable
ALTER TABLE "instances" ADD COLUMN     "backup_key_hash" TEXT,
ADD COLUMN     "backup_key_sealed" TEXT,
ADD COLUMN     "dearer_fallbacks" BOOLEAN,
ADD COLUMN     "fallback_models" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "model_checked_at" TIMESTAMPTZ(3),
ADD COLUMN     "source" TEXT NOT NULL DEFAULT 'managed';

-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "provider_key_id" TEXT,
ADD COLUMN     "source" TEXT NOT NULL DEFAULT 'managed';

-- CreateTable
CREATE TABLE "secret_requests" (
    "token_hash" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "chat" JSONB NOT NULL,
    "sender" JSONB NOT NULL,
    "chat_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "flow" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "view_id" TEXT NOT NULL,
    "title" JSONB NOT NULL,
    "hint" JSONB NOT NULL,
    "language" TEXT NOT NULL,
    "opened_by" TEXT,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "secret_requests_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "provider_keys" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "instance_id" TEXT,
    "provider" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "last4" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'unchecked',
    "added_by_person_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "checked_at" TIMESTAMPTZ(3),
    "replaced_at" TIMESTAMPTZ(3),

    CONSTRAINT "provider_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "channels" (
    "id" TEXT NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "instance_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "sealed" TEXT NOT NULL,
    "last4" TEXT NOT NULL,
    "managed" BOOLEAN NOT NULL DEFAULT false,
    "state" TEXT NOT NULL DEFAULT 'connecting',
    "settings" JSONB NOT NULL DEFAULT '{}',
    "allowed" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "added_by_person_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "checked_at" TIMESTAMPTZ(3),
    "greeted_at" TIMESTAMPTZ(3),

    CONSTRAINT "channels_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pairings" (
    "id" TEXT NOT NULL,
    "instance_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "sender_id" TEXT NOT NULL,
    "sender_name" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "decided_by" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "pairings_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "secret_requests_platform_chat_id_user_id_idx" ON "secret_requests"("platform", "chat_id", "user_id");

-- CreateIndex
CREATE INDEX "secret_requests_expires_at_idx" ON "secret_requests" USING BRIN ("expires_at");

-- CreateIndex
CREATE INDEX "provider_keys_instance_id_idx" ON "provider_keys"("instance_id");

-- CreateIndex
CREATE INDEX "provider_keys_workspace_id_idx" ON "provider_keys"("workspace_id");

-- CreateIndex
CREATE INDEX "channels_instance_id_idx" ON "channels"("instance_id");

-- CreateIndex
CREATE UNIQUE INDEX "channels_kind_external_id_key" ON "channels"("kind", "external_id");

-- CreateIndex
CREATE UNIQUE INDEX "pairings_instance_id_kind_request_id_key" ON "pairings"("instance_id", "kind", "request_id");

-- AddForeignKey
ALTER TABLE "provider_keys" ADD CONSTRAINT "provider_keys_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "channels" ADD CONSTRAINT "channels_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pairings" ADD CONSTRAINT "pairings_instance_id_fkey" FOREIGN KEY ("instance_id") REFERENCES "instances"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
