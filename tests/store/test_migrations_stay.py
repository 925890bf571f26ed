"""A migration that was released is never edited, nor is its number changed."""

from __future__ import annotations

from hashlib import sha256

from gadfly.store.schema import MIGRATIONS

RELEASED = [
    "cba7ec1b3f118fb45f2f94a54326fa5751c66962ff4f0b2dccd843dead3f7411",
    "d7cb2364efa52a07d2511565c87700124f35cf82bc445a865cae943f55ff1e99",
    "79ded48ebeb2d516f5ba0b225c828a1d02529847b301bff7c4ec0019bd1c8c50",
    "e6f0fadad84cbd89383dcc48c9c48be6d6b866d063ca288f45a8733dd6623a0a",
    "48f831d0e099437717ea78137e177d7e6d9c939664392bf35b94c2517bdecea3",
    "729c32079f02914e71b92b0c733964470f2d09076a83a00b19b4fc80786586bc",
    "1bb43aa9a5565352b62583c45f7de7994c2e50cd447906db12443ca10557de8a",
    "06bae6339cb4a3bfc623881e36256773939bef561cbe9081f50d92008ce5be1e",
    "ef6e8318d5350ae479abf821603a0e208f35923fac9e5442909464767937f42e",
    "7a8dc5f18f11a77d2e6af51cb39144b3768b941551b377bc2847b9fbd8f97d7d",
    "340f0a78dbc2d9e8b122b9a0569e2bf461cb1afb12fee9fdced05b84fb6bb768",
    "4e6af058fa3a85268536dedde12670aa7c948fe0b602a9df7f30a0385473f22e",
    "a8073a8516bd8a79c24da141941ddd33446fd2c2421fce85333f07c18eed6734",
    "63986a1e959244861cc922debd965423dedd8724520691b65a0bd854091d64f7",
    "a407e332551606d8dc8d9b959d3b2206872318fa9d33fbfcabfa7cc935342715",
    "9f46409379e230468364011424641f11f0b8d911b9ac9bad53843681165fb568",
    "1cb2311d4d524f52ae15619e5bee8c06f701cba828ad5590009d2fa81a592b04",
    "584821a438419a68c90fde73bacfc8e25bd11e8517a6ada1392f7724d49a82be",
    "3b6e942ced114a1cc6c9318dd71c1d41e823c0f4b471e3c6d0a937df89313d19",
    "5fd51c1913c56f4669d58bb740a5205aa684a2e0a291e2e87c8afbc18c3f6276",
    "fe1faa9bb2735b75332fce90dd90e6ea4f6a648345eb7dcaea7e1ac0feac6608",
]
"""SHA-256 of the text of each, in their order."""


def test_each_released_migration_has_the_text_and_number_it_had() -> None:
    digests = [sha256(script.encode()).hexdigest() for script in MIGRATIONS]
    assert digests[: len(RELEASED)] == RELEASED
