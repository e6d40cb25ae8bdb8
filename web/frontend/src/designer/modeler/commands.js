/** Several commands as one step of the command stack, so that one undo takes all of them back. */
class Together {
  constructor(commandStack) {
    this.commandStack = commandStack;
  }
  preExecute({ steps }) {
    for (const [command, context] of steps) this.commandStack.execute(command, context);
  }
}
Together.$inject = ["commandStack"];

class Registration {
  constructor(commandStack) {
    commandStack.registerHandler("shixian.together", Together);
  }
}
Registration.$inject = ["commandStack"];

export const commandsModule = { __init__: ["shixianCommands"], shixianCommands: ["type", Registration] };
