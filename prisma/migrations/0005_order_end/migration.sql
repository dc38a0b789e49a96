-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "ends_at" TIMESTAMPTZ(3);
