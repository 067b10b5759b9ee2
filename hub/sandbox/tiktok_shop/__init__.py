"""A pretend TikTok Shop (Partner API 202309 and later, Vietnam): a strict second reading of its documents."""

from hub.sandbox.tiktok_shop.config import TikTok, TikTokApp, TikTokSeller

__all__ = ["TikTok", "TikTokApp", "TikTokSeller"]
