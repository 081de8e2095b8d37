"""Names of runs: those that people give, and readable ones where none was given, such as ``brave-otter-417``."""

from __future__ import annotations

import random

from trackside.errors import InvalidValueError

_ADJECTIVES = """
able agile airy alert amber ample apt autumn balmy bold brave breezy bright brisk calm candid careful cheerful
civil classic clear clever coastal cool copper coral cosmic cozy crisp curious dapper daring deft dewy dusky
eager early earnest easy fair fancy fond frank fresh frosty gentle glad golden grand green hardy hazel honest
humble indigo ivory jolly keen kind leafy light lively lofty loyal lucid lucky lunar mellow merry mighty mild
misty modest neat nimble noble olive open patient placid plucky polite proud quick quiet rapid ready royal
rustic sandy serene sharp silver smooth snowy solar solid spry steady stellar stout sturdy sunny swift tidy
tranquil true upbeat velvet vivid warm wary windy wise witty young zesty
"""

_ANIMALS = """
alpaca antelope auk avocet badger bat beaver beetle bison bittern bobcat bunting buzzard camel caribou cat
chamois cheetah chough civet clam condor coot cormorant crab crane cricket curlew deer dingo dolphin dormouse
dove duck dunlin eagle egret eider elk emu falcon ferret finch firefly fox frog gannet gazelle gecko gibbon
giraffe goose grebe grouse gull hare harrier hawk hedgehog heron hoopoe horse ibex ibis iguana jackdaw jay
kestrel kingfisher kite kiwi koala lapwing lark lemur leopard linnet lion llama lobster loon lynx magpie
mallard manatee marmot marten merlin mole moose moth newt nuthatch ocelot octopus okapi oriole osprey otter
owl panda parrot partridge pelican penguin petrel pheasant pigeon pika plover pony puffin puma quail rabbit
raccoon raven robin rook salmon sandpiper seal shrew skylark sparrow squirrel stork swallow swan swift tapir
tern thrush tiger toucan trout turtle vole walrus warbler weasel whale wolf wombat woodpecker wren yak zebra
"""

_CHOOSER = random.SystemRandom()


def given_name(text: str) -> str:
    """The name that somebody gives a run, without blanks around it. Raises InvalidValueError where nothing is left."""
    name = text.strip()
    if not name:
        raise InvalidValueError("a run needs a name; the new one is empty")
    return name


def generate_run_name() -> str:
    """An adjective, an animal and a number; it does not depend on, or change, the seed of ``random``."""
    adjective, animal = _CHOOSER.choice(_ADJECTIVES.split()), _CHOOSER.choice(_ANIMALS.split())
    return f"{adjective}-{animal}-{_CHOOSER.randrange(100, 1000)}"
